"""One producer with workers at its side, beside the same producer alone."""

from benchmarks.measures import flow
from benchmarks.stage import Stage

JOBS = 6_000


def measure(stage: Stage, scale: float) -> dict[str, float]:
    jobs = round(JOBS * max(scale, 0.2))
    stage.reset()
    alone = stage.produce("fill", stage.take(jobs), jobs, 0)["rate"]
    stage.reset()
    with stage.workers() as group:
        stage.warm_up(group)
        together = flow.measure(stage, jobs)["flow"]
    return {"flow_alone": alone, "flow_together": together, "flow_ratio": together / alone}
