"""Two hundred thousand jobs in a row: is the memory flat, and what does a transaction cost that somebody holds open?"""

import time

import psycopg

from benchmarks.marks import Unfinished
from benchmarks.measures.figures import drain_rate
from benchmarks.own.stock import stock
from benchmarks.stage import Stage

JOBS = 200_000
LOOK = 0.1


def measure(stage: Stage, scale: float) -> dict[str, float]:
    """MiB of all processes after a quarter of the jobs and after all; the rate; and how far behind the records are."""
    jobs = round(JOBS * scale)
    stage.reset()
    numbers = stock(stage, "ready", jobs)
    with stage.workers() as group:
        while stage.marks.count() < jobs / 4 and group.alive:
            time.sleep(LOOK)
        early = group.memory()
        runs = stage.marks.wait_for(numbers, 60, lambda: group.alive)
        recorded = when_recorded(stage)
        late = group.memory()
    return {
        "memory_early": early,
        "memory_late": late,
        "memory_ratio": late / early,
        "endurance_rate": drain_rate(runs)[0],
        "recorded_after": max(0.0, (recorded - max(runs.values())) / 1e9),
    }


def when_recorded(stage: Stage, patience: float = 30) -> int:
    """Monotonic nanoseconds when PostgreSQL had the end of every job, within the time of a look."""
    deadline = time.monotonic() + patience
    with psycopg.connect(stage.env["DATABASE_URL"], autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM workers_job WHERE finished_at IS NULL LIMIT 1").fetchone():
            if time.monotonic() > deadline:
                raise Unfinished("jobs that ran are not recorded as finished")
            time.sleep(LOOK / 5)
    return time.monotonic_ns()


def measure_held(stage: Stage, scale: float) -> dict[str, float]:
    """The rate while a transaction with an old snapshot keeps PostgreSQL from removing dead rows."""
    jobs = round(JOBS * scale)
    stage.reset()
    numbers = stock(stage, "ready", jobs)
    with psycopg.connect(stage.env["DATABASE_URL"]) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM workers_job")
        with stage.workers() as group:
            rate, _ = drain_rate(stage.marks.wait_for(numbers, 60, lambda: group.alive))
    return {"held_rate": rate}
