"""What is known at the end of a run, as plain values. All times are seconds of the system's monotonic clock."""

from dataclasses import dataclass, field

ALWAYS = float("inf")

HURTS_WORKERS = frozenset({"killed", "terminated", "stopped", "rolled over", "out of memory"})
"""Faults of a worker process. Together with an outage of PostgreSQL they are all that may make a job run twice:
Redis and the clock may not."""
OUTAGE = "PostgreSQL restarted"


@dataclass(frozen=True)
class Request:
    """What a producer asked for. ``fate``: committed, doubted (the answer was lost) or withdrawn (rolled back)."""

    key: str
    kind: str
    fate: str
    due: float | None = None
    asked: float = 0.0
    answered: float = ALWAYS


@dataclass(frozen=True)
class Execution:
    """One attempt by its own marks. ``ended`` is None when its end left no mark; ``end`` is "ok" or what it raised."""

    key: str
    nonce: str
    pid: int
    worker: str
    began: float
    ended: float | None = None
    end: str = ""


@dataclass(frozen=True)
class Row:
    """The job as the runner's table has it at the end; ``recorded`` is the nonce of the attempt that was recorded."""

    id: str
    key: str
    state: str
    recorded: str | None
    attempts: int = 0
    rescues: int = 0


@dataclass(frozen=True)
class Passage:
    """One change of a job's state, as a trigger in the database saw it. ``worker`` holds or held the job."""

    at: float
    job: str
    old: str
    new: str
    worker: str
    rescues: int = 0


@dataclass(frozen=True)
class Tenure:
    """From when to when a worker's row stood in the table."""

    worker: str
    began: float
    ended: float = ALWAYS

    @property
    def pid(self) -> int:
        return pid_of(self.worker)


@dataclass(frozen=True)
class Fault:
    """``hit`` are the processes it was done to, ``touched`` all that may feel it: the children of a killed parent."""

    kind: str
    began: float
    ended: float
    hit: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()
    post: str = ""
    note: str = ""
    grace: float = 0.0
    """Seconds that a polite fault leaves to what runs; what ends within them must be recorded."""

    def overlaps(self, began: float, ended: float) -> bool:
        return self.began <= ended and self.ended >= began

    def may_hurt(self, *pids: int) -> bool:
        return self.kind == OUTAGE or (self.kind in HURTS_WORKERS and not self.touched.isdisjoint(pids))


@dataclass(frozen=True)
class Finding:
    """A promise that was not kept, in one sentence, with the jobs it was not kept to."""

    promise: str
    sentence: str
    jobs: tuple[str, ...] = ()


@dataclass
class Evidence:
    """Everything the judge looks at."""

    rescue_bound: float
    max_rescues: int = 5
    requests: list[Request] = field(default_factory=list)
    executions: dict[str, list[Execution]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    passages: dict[str, list[Passage]] = field(default_factory=dict)
    effects: dict[str, list[str]] = field(default_factory=dict)
    tenures: list[Tenure] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def name(self, key: str) -> str:
        """For people: the job's id with the producer's key."""
        return f"{', '.join(row.id for row in self.rows.get(key, [])) or 'no row'} ({key})"


def pid_of(worker: str) -> int:
    """The process id within a worker's id, ``host-pid-random``."""
    return int(worker.rsplit("-", 2)[1])
