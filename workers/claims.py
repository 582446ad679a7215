"""Which jobs a worker takes next: fair between its queues, and alone with a job that lost its worker before."""

from collections import Counter
from collections.abc import Collection, Iterable

from workers.assignment import NO_ROOM, Assignment, Room, filling, opening, room_ahead, room_beside
from workers.lifecycle import claiming
from workers.models import Job
from workers.pace import Pace


class Claims:
    """Decides how much room there is and fills it. Used by the ledger, inside its transaction."""

    def __init__(self, assignment: Assignment, pace: Pace) -> None:
        self._at = assignment
        self._pace = pace
        self.neighbours = 0
        """Other workers that are alive."""
        self._turn = 0
        self._expected = set(assignment.queues)
        self.rescued_job_waits = False
        """Then nothing new is taken until this process is empty, and it runs alone: should it kill this worker too, it
        takes no other job along. Whoever is empty first gets it."""

    def expect(self, queues: Collection[str] | None = None) -> None:
        """There may be due work on these queues; None: on every one."""
        self._expected.update(self._at.queues if queues is None else queues)

    def expects(self, queue: str) -> bool:
        """May this queue have more due work than was taken?"""
        return queue in self._expected

    def room(self, held: Iterable[Job], finished: Collection[object]) -> Room:
        """What could be taken now, given the jobs held and the ids of those already finished."""
        running = [job for job in held if job.id not in finished]
        if running and self._must_be_alone(running):
            return NO_ROOM
        return room_beside((job.queue for job in running), self._at)

    def appetite(self, held: Iterable[Job], finished: Collection[object]) -> Room:
        """The room, on queues where work is expected; of short jobs more than there are free slots."""
        running = [job for job in held if job.id not in finished]
        room = self.room(running, ()).only(self._expected)
        if self._must_be_alone(running):
            return room
        at = self._at
        ahead = {name: self._pace.ahead(name) for name in self._expected if name not in at.limits}
        return room_ahead(room, len(running), ahead, at)

    def _must_be_alone(self, running: Iterable[Job]) -> bool:
        return self.rescued_job_waits or any(job.rescues for job in running)

    def free_slots_first(self, room: Room) -> Room:
        """Without what could be claimed ahead, as long as slots are free: a job for them need not wait for the rest."""
        return Room(room.slots - room.ahead, room.queues) if 0 < room.ahead < room.slots else room

    def in_one_statement(self, room: Room) -> bool:
        """Whether to take is only to claim, so that it needs no transaction around it."""
        return not (self.rescued_job_waits or room.ahead)

    def take(self, room: Room, worker_id: str) -> list[Job]:
        """Claim what fits: each queue with due work gets one slot, then the first named get the rest."""
        if not room:
            return []
        if self.rescued_job_waits:
            self.rescued_job_waits = False
            if alone := self._take_one_rescued(worker_id):
                return alone
        at = self._at
        if room.ahead and self.neighbours:
            room = room.at_most(max(room.slots - room.ahead, self._share(room)))
        self._turn += 1
        claimed: list[Job] = []
        wants = opening(at.queues, room, self._turn)
        while wants:
            jobs = claiming.claim(at.database, at.backend, wants, worker_id)
            claimed += jobs
            got = Counter(job.queue for job in jobs)
            self._expected -= {queue for queue, wanted in wants.items() if got[queue] < wanted}
            room = room.after(got).only(self._expected)
            wants = filling(room)
        return claimed

    def _share(self, room: Room) -> int:
        """As many jobs as there are for every neighbour too: none is idle while work waits here for a slot."""
        at, workers = self._at, self.neighbours + 1
        return claiming.count_ready(at.database, at.backend, list(room.queues), room.slots * workers) // workers

    def _take_one_rescued(self, worker_id: str) -> list[Job]:
        at = self._at
        for queue in at.queues:
            if jobs := claiming.claim(at.database, at.backend, {queue: 1}, worker_id, rescued=True):
                return jobs
        return []
