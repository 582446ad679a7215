"""Does a table of two million jobs slow the workers down?"""

from benchmarks.measures.figures import drain_rate
from benchmarks.own.stock import stock
from benchmarks.stage import Stage

SMALL, GROWN = "workers-small", "workers-grown"
JOBS = 60_000


def prepare(stage: Stage, scale: float) -> None:
    """Two databases: one with 10,000 other jobs, one with a million finished and a million far in the future."""
    for name, count in ((SMALL, 5_000), (GROWN, round(1_000_000 * scale))):
        stage.env["DATABASE_URL"] = stage.services.copy_database(stage.template, name)
        stock(stage, "finished", count)
        stock(stage, "future", count)


def measure(stage: Stage, scale: float) -> dict[str, float]:
    small, grown = (_drain(stage, name, round(JOBS * max(scale, 0.2))) for name in (SMALL, GROWN))
    return {"growth_small": small, "growth_large": grown, "growth_ratio": grown / small}


def _drain(stage: Stage, database: str, jobs: int) -> float:
    stage.env["DATABASE_URL"] = stage.services.postgres.url_of(database)
    stage.services.empty_redis()
    stage.marks.clear()
    stage.services.run("CHECKPOINT")
    numbers = stage.take(jobs)
    stage.produce("fill", numbers, 0, jobs)
    with stage.workers() as group:
        return drain_rate(stage.marks.wait_for(numbers, 60, lambda: group.alive))[0]
