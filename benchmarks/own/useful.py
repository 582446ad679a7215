"""A job that does something: one SELECT and one UPDATE."""

from benchmarks.measures.figures import drain_rate
from benchmarks.stage import Stage

JOBS = 20_000


def measure(stage: Stage, scale: float) -> dict[str, float]:
    stage.reset()
    stage.run("-m", "benchmarks.own.pages")
    jobs = round(JOBS * max(scale, 0.1))
    numbers = stage.take(jobs)
    stage.env["BENCH_TASKS"] = "benchmarks.own.useful_tasks"
    try:
        stage.produce("fill", numbers, 0, jobs)
    finally:
        stage.env |= stage.peer.environment
    with stage.workers() as group:
        return {"useful_rate": drain_rate(stage.marks.wait_for(numbers, 60, lambda: group.alive))[0]}
