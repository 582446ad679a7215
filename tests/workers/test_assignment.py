"""How free slots are shared between queues."""

from hypothesis import given
from hypothesis import strategies as st

from workers.assignment import NO_ROOM, Assignment, Room, filling, opening, room_beside
from workers.conf import Options

names = st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)
slots = st.integers(0, 20)
turn = st.integers(0, 1000)


@st.composite
def rooms(draw):
    """All queues named, and the room in some of them."""
    queues = draw(names)
    most = draw(st.dictionaries(st.sampled_from(queues), st.integers(1, 20)))
    return queues, Room(draw(slots), {name: most[name] for name in queues if name in most})


def unlimited(queues, slots):
    return Room(slots, dict.fromkeys(queues, slots) if slots else {})


def assignment(queues, concurrency, **limits):
    return Assignment("default", "default", tuple(queues), concurrency, Options(), limits=limits)


@given(rooms(), turn)
def test_an_opening_uses_all_the_room_there_is_and_keeps_every_limit(case, turn):
    queues, room = case
    wants = opening(queues, room, turn)
    assert sum(wants.values()) == min(room.slots, sum(room.queues.values()))
    assert all(1 <= wanted <= room.queues[name] for name, wanted in wants.items())


@given(rooms(), turn)
def test_every_queue_with_room_gets_a_slot_when_there_are_enough(case, turn):
    queues, room = case
    assert len(opening(queues, room, turn)) >= min(room.slots, len(room.queues))


@given(names, st.integers(1, 20), turn)
def test_what_is_left_goes_to_the_first_named(queues, slots, turn):
    wants = opening(queues, unlimited(queues, slots), turn)
    if slots > len(queues):
        assert wants[queues[0]] == 1 + slots - len(queues)


@given(rooms(), turn)
def test_no_queue_waits_longer_than_there_are_queues(case, turn):
    queues, room = case
    asked = set()
    for offset in range(len(queues)):
        asked |= set(opening(queues, room, turn + offset))
    assert asked == (set(room.queues) if room.slots else set())


def test_one_slot_goes_round():
    queues = ["a", "b", "c"]
    asked = [list(opening(queues, unlimited(queues, 1), turn)) for turn in range(4)]
    assert asked == [["a"], ["b"], ["c"], ["a"]]


@given(rooms())
def test_filling_serves_a_queue_only_when_those_named_before_have_all_they_may(case):
    _, room = case
    wants = filling(room)
    assert sum(wants.values()) == min(room.slots, sum(room.queues.values()))
    assert all(wants[name] == room.queues[name] for name in list(wants)[:-1])
    assert list(wants) == list(room.queues)[: len(wants)]


@given(names, st.integers(1, 20), st.data())
def test_what_runs_takes_room_from_all_slots_and_from_its_own_queue(queues, concurrency, data):
    limits = data.draw(st.dictionaries(st.sampled_from(queues), st.integers(1, 20)))
    running = data.draw(st.lists(st.sampled_from(queues), max_size=concurrency))
    room = room_beside(running, assignment(queues, concurrency, **limits))
    assert room.slots == concurrency - len(running)
    for name in queues:
        assert room.queues.get(name, 0) == max(0, limits.get(name, concurrency) - running.count(name))


def test_no_slot_or_no_queue_is_no_room():
    assert not NO_ROOM
    assert not Room(3, {})
    assert not room_beside(["a"], assignment("ab", 1))
    assert not room_beside(["a"], assignment("a", 3, a=1))
    assert room_beside(["a"], assignment("ab", 2, a=1))
