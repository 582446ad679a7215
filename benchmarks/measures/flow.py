"""How fast jobs are done while one producer enqueues them: producer, workers and servers share the machine."""

from benchmarks.measures.figures import flow_rate
from benchmarks.stage import Stage


def measure(stage: Stage, jobs: int) -> dict[str, float]:
    """The stage's workers run and are warm."""
    numbers = stage.take(jobs)
    took = stage.produce("flow", numbers)
    return {"flow": flow_rate(stage.marks.wait_for(numbers), took["began"])}
