"""Which jobs a worker takes next: fair between its queues, and alone with a job that lost its worker before."""

from collections.abc import Collection, Iterable

from workers.assignment import Assignment, filling, opening
from workers.lifecycle import claiming
from workers.models import Job


class Claims:
    """Decides how much room there is and fills it. Used by the ledger, inside its transaction."""

    def __init__(self, assignment: Assignment) -> None:
        self._at = assignment
        self._turn = 0
        self._rescued_job_waits = False

    def look_for_rescued(self) -> None:
        """Is there a job that lost its worker? Then take nothing new until this process is empty, and run it alone:
        should it kill this worker too, it takes no other job along. Whoever is empty first gets it."""
        at = self._at
        self._rescued_job_waits = claiming.rescued_job_waits(at.database, at.backend, at.queues)

    def room(self, held: Iterable[Job], finished: Collection[object]) -> int:
        """Slots that a claim may fill now, given the jobs held and the ids of those already finished."""
        running = [job for job in held if job.id not in finished]
        if running and (self._rescued_job_waits or any(job.rescues for job in running)):
            return 0
        return self._at.concurrency - len(running)

    def take(self, room: int, worker_id: str) -> list[Job]:
        """Claim up to ``room`` jobs: each queue with due work gets one, then the first named get the rest."""
        if not room or not self._at.queues:
            return []
        if self._rescued_job_waits:
            self._rescued_job_waits = False
            if alone := self._take_one_rescued(worker_id):
                return alone
        at = self._at
        self._turn += 1
        claimed: list[Job] = []
        exhausted: set[str] = set()
        wants = opening(at.queues, room, self._turn)
        while wants:
            jobs = claiming.claim(at.database, at.backend, wants, worker_id)
            claimed += jobs
            got = [job.queue for job in jobs]
            exhausted |= {queue for queue, wanted in wants.items() if got.count(queue) < wanted}
            wants = filling(at.queues, exhausted, room - len(claimed))
        return claimed

    def _take_one_rescued(self, worker_id: str) -> list[Job]:
        at = self._at
        for queue in at.queues:
            if jobs := claiming.claim(at.database, at.backend, {queue: 1}, worker_id, rescued=True):
                return jobs
        return []
