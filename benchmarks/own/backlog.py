"""A million READY jobs over five queues and three priorities: how fast are the first of them done?"""

from benchmarks.marks import Marks
from benchmarks.measures.figures import drain_rate
from benchmarks.own.stock import stock
from benchmarks.peers.workers.commands import run_workers
from benchmarks.stage import Stage
from tests.waiting import wait_until

BACKLOG, DONE = 1_000_000, 150_000
QUEUES = "default second third fourth fifth"


def measure(stage: Stage, scale: float) -> dict[str, float]:
    stage.reset()
    stock(stage, "spread", round(BACKLOG * scale))
    done = round(DONE * scale)
    with stage.workers(run_workers(QUEUES)) as group:
        wait_until(lambda: stage.marks.count() >= done or not group.alive, "the first jobs of the backlog", 300)
        runs = first(stage.marks, done)
    return {"backlog_rate": drain_rate(runs)[0]}


def first(marks: Marks, count: int) -> dict[int, int]:
    return dict(sorted(marks.first_runs().items(), key=lambda run: run[1])[:count])
