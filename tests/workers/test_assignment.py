"""How free slots are shared between queues."""

from hypothesis import given
from hypothesis import strategies as st

from workers.assignment import filling, opening

queues = st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)
room = st.integers(0, 20)
turn = st.integers(0, 1000)


@given(queues, room, turn)
def test_an_opening_uses_all_the_room_and_never_more(names, room, turn):
    wants = opening(names, room, turn)
    assert sum(wants.values()) == room
    assert set(wants) <= set(names)
    assert all(wanted >= 1 for wanted in wants.values())


@given(queues, st.integers(1, 20), turn)
def test_every_queue_gets_a_slot_when_there_are_enough(names, room, turn):
    wants = opening(names, room, turn)
    assert len(wants) == min(room, len(names))
    if room > len(names):
        assert wants[names[0]] == 1 + room - len(names)


@given(queues, st.integers(1, 20), turn)
def test_no_queue_waits_longer_than_there_are_queues(names, room, turn):
    asked = set()
    for offset in range(len(names)):
        asked |= set(opening(names, room, turn + offset))
    assert asked == set(names)


def test_one_slot_goes_round():
    assert [list(opening(["a", "b", "c"], 1, turn)) for turn in range(4)] == [["a"], ["b"], ["c"], ["a"]]


@given(queues, st.sets(st.sampled_from("abcdefgh")), room)
def test_filling_goes_to_the_first_named_that_may_have_more(names, exhausted, room):
    wants = filling(names, exhausted, room)
    left = [name for name in names if name not in exhausted]
    assert wants == ({left[0]: room} if left and room else {})
