"""How fast a queue that was filled beforehand is worked off."""

from benchmarks.measures.figures import drain_rate
from benchmarks.stage import Stage

SINGLES = 1000


def measure(stage: Stage, jobs: int) -> dict[str, float]:
    """Also what one call of enqueue costs while nothing else runs: the first of the jobs are enqueued one by one."""
    stage.reset()
    numbers = stage.take(jobs)
    singles = min(SINGLES, jobs)
    filled = stage.produce("fill", numbers, singles, jobs - singles)
    with stage.workers() as group:
        runs = stage.marks.wait_for(numbers, 60, lambda: group.alive)
        repeats = stage.marks.count() - len(runs)
    rate, seconds = drain_rate(runs)
    return {
        "drain": rate,
        "drain_seconds": seconds,
        "repeats": 100 * repeats / jobs,
        "enqueue_us": filled["call_us"],
        "producer_alone": filled["rate"],
    }
