"""What one worker process serves, and how its free slots are shared between queues."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workers.conf import Options


@dataclass(frozen=True)
class Assignment:
    """Which queues of which backend, on which database, and how many jobs at once.

    ``limits``: the most jobs of a queue that run in this process at once; a queue without one may have every slot.
    ``embedded``: in the development server, whose predecessor on this host may have died in the middle of a job.
    """

    database: str
    backend: str
    queues: tuple[str, ...]
    concurrency: int
    options: Options
    embedded: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """How many jobs may be claimed: in all, and of each queue that may have any, in command-line order.

    ``ahead``: how many of them beyond the free slots.
    """

    slots: int
    queues: Mapping[str, int]
    ahead: int = 0

    def __bool__(self) -> bool:
        return self.slots > 0 and bool(self.queues)

    def only(self, queues: Collection[str]) -> "Room":
        """The room that is left for these queues."""
        return Room(self.slots, {name: room for name, room in self.queues.items() if name in queues})

    def at_most(self, jobs: int) -> "Room":
        """No more than so many."""
        return self if jobs >= self.slots else Room(max(jobs, 0), self.queues, self.ahead)

    def after(self, claimed: Mapping[str, int]) -> "Room":
        """The room that is left when so many jobs of each queue have been claimed."""
        left = {name: room - claimed.get(name, 0) for name, room in self.queues.items()}
        return Room(self.slots - sum(claimed.values()), {name: room for name, room in left.items() if room > 0})


NO_ROOM = Room(0, {})


def room_beside(running: Iterable[str], assignment: Assignment) -> Room:
    """The room beside running jobs, given the queue of each: below the queue's limit, and while slots are free."""
    slots = assignment.concurrency
    limits = {name: assignment.limits.get(name, slots) for name in assignment.queues}
    return Room(slots, limits).after(Counter(running))


def room_ahead(room: Room, held: int, ahead: Mapping[str, int], assignment: Assignment) -> Room:
    """``room`` for free slots, widened by what may be claimed ahead of them of each queue."""
    most = max(ahead.values(), default=0)
    if most == 0:
        return room
    free = assignment.concurrency - held
    open_queues = room.queues if room else {}
    rooms = {name: free + ahead[name] if ahead.get(name) else open_queues.get(name, 0) for name in assignment.queues}
    widened = {name: count for name, count in rooms.items() if count > 0}
    return Room(free + most, widened, ahead=free + most - max(free, 0))


def opening(queues: Sequence[str], room: Room, turn: int) -> dict[str, int]:
    """One slot for each queue, beginning with another one every turn; what is left goes to the first named.

    No queue can starve another, and an urgent one is named first.
    """
    start = turn % len(queues)
    rotated = [name for name in (*queues[start:], *queues[:start]) if name in room.queues]
    first = dict.fromkeys(rotated[: max(room.slots, 0)], 1)
    rest = filling(room.after(first))
    return {name: first.get(name, 0) + rest.get(name, 0) for name in {**first, **rest}}


def filling(room: Room) -> dict[str, int]:
    """All the room for the first queue, as far as its limit goes, then for the next; nothing when there is none."""
    wants, left = {}, room.slots
    for name, most in room.queues.items():
        if left <= 0:
            break
        wants[name] = min(most, left)
        left -= wants[name]
    return wants
