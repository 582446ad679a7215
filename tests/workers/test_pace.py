"""How much may be claimed ahead, as a decision without a database."""

from collections import deque

import pytest

from workers.assignment import NO_ROOM, Assignment, Room, room_ahead
from workers.conf import Options
from workers.pace import AHEAD_FOR, MOST, REMEMBERED, SHORT, Pace, is_short

FAST = SHORT / 10
LONG = SHORT * 10


def pace(slots=2, durations=(FAST,)):
    made = Pace(slots)
    for seconds in durations:
        made.ran("mail", "send", seconds)
    return made


@pytest.mark.parametrize(
    ("durations", "short"),
    [
        ([FAST], True),
        ([SHORT], True),
        ([SHORT * 1.01], False),
        ([FAST] * 39 + [LONG], True),
        ([FAST] * 38 + [LONG] * 2, True),
        ([FAST] * 37 + [LONG] * 3, False),
        ([LONG, FAST], True),
        ([LONG, LONG], False),
    ],
)
def test_short_is_what_nearly_always_was(durations, short):
    assert is_short(deque(durations)) is short


def test_as_much_as_all_slots_do_in_a_tenth_of_a_second_may_be_claimed_ahead():
    assert pace(slots=1).ahead("mail") == round(AHEAD_FOR / FAST)
    assert pace(slots=3).ahead("mail") == round(3 * AHEAD_FOR / FAST)


def test_the_longest_of_a_queues_tasks_counts():
    both = pace(slots=1, durations=[FAST / 10])
    both.ran("mail", "newsletter", FAST)
    assert both.ahead("mail") == round(AHEAD_FOR / FAST)


def test_there_is_a_most():
    assert pace(durations=[1e-7]).ahead("mail") == MOST
    assert pace(durations=[0.0]).ahead("mail") == MOST


def test_nothing_is_claimed_ahead_of_a_queue_nothing_is_known_of():
    assert pace().ahead("pictures") == 0
    assert Pace(2).ahead("mail") == 0


def test_one_long_task_keeps_its_whole_queue_from_it():
    both = pace()
    both.ran("mail", "newsletter", LONG)
    both.ran("pictures", "render", FAST)
    assert both.ahead("mail") == 0
    assert both.ahead("pictures") > 0


def test_a_task_that_became_short_is_forgiven():
    reformed = pace(durations=[LONG] * REMEMBERED)
    assert reformed.ahead("mail") == 0
    for _ in range(REMEMBERED):
        reformed.ran("mail", "send", FAST)
    assert reformed.ahead("mail") > 0


def test_what_did_not_start_in_time_stops_it_until_a_job_has_ended():
    made = pace()
    made.stalled()
    assert made.ahead("mail") == 0
    made.ran("mail", "send", FAST)
    assert made.ahead("mail") > 0


class TestRoomAhead:
    """Two slots, and queues ``mail`` and ``pictures``."""

    AT = Assignment("default", "default", ("mail", "pictures"), 2, Options())

    def test_without_anything_ahead_the_room_stays_as_it_is(self):
        room = Room(1, {"mail": 1})
        assert room_ahead(room, 1, {"mail": 0}, self.AT) is room
        assert room_ahead(NO_ROOM, 2, {}, self.AT) is NO_ROOM

    def test_free_slots_and_what_may_be_ahead_of_them(self):
        assert room_ahead(Room(2, {"mail": 2}), 0, {"mail": 10}, self.AT) == Room(12, {"mail": 12}, ahead=10)

    def test_busy_slots_leave_only_what_may_be_ahead(self):
        assert room_ahead(NO_ROOM, 2, {"mail": 10}, self.AT) == Room(10, {"mail": 10}, ahead=10)

    def test_what_is_already_claimed_ahead_counts(self):
        assert room_ahead(NO_ROOM, 2 + 7, {"mail": 10}, self.AT) == Room(3, {"mail": 3}, ahead=3)
        assert not room_ahead(NO_ROOM, 2 + 10, {"mail": 10}, self.AT)

    def test_a_queue_of_long_tasks_has_the_free_slots_only(self):
        room = room_ahead(Room(1, {"mail": 1, "pictures": 1}), 1, {"mail": 10, "pictures": 0}, self.AT)
        assert room.queues == {"mail": 11, "pictures": 1}
