"""One background-task runner, as the benchmarks run it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Peer:
    """``folder`` under benchmarks/peers has its requirements, its settings and its tasks.

    ``own``: this project, with the requirements of its production.
    """

    name: str
    folder: str
    how: str
    """How it is run, for the table."""
    durable: str
    """What there is of a job when enqueue has returned."""
    result: str
    """What is kept of its end, and where."""
    in_database: bool = False
    """The job is in the database when enqueue returns: it outlives every process, Redis included."""
    workers: tuple[str, ...]
    """Command lines, each started once; together two worker processes."""
    rate: int
    """Jobs a second, about; only to choose how many make a run of some seconds."""
    flow_rate: int = 0
    """The same with one producer at the same time; 0: as ``rate``."""
    pause: tuple[float, float] = (0.05, 0.35)
    """Between two jobs of the latency, in seconds; for one that polls, longer than its interval."""
    env: Mapping[str, str] = field(default_factory=dict)
    django: bool = True
    own: bool = False

    @property
    def path(self) -> Path:
        return HERE / self.folder

    @property
    def requirements(self) -> Path:
        return (HERE.parent.parent if self.own else self.path) / "requirements.txt"

    @property
    def environment(self) -> dict[str, str]:
        module = f"benchmarks.peers.{self.folder}"
        settings = {"DJANGO_SETTINGS_MODULE": f"{module}.settings"} if self.django else {}
        return {"BENCH_TASKS": f"{module}.tasks"} | settings | dict(self.env)
