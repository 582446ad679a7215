"""How long an idle runner takes to start a job."""

from benchmarks.measures.figures import latencies
from benchmarks.stage import Stage


def measure(stage: Stage, samples: int) -> dict[str, list[float]]:
    """Milliseconds of every sample. The stage's workers run and are warm."""
    numbers = stage.take(samples)
    taken = stage.produce("pace", numbers, samples, *map(float, stage.peer.pause))["samples"]
    runs = stage.marks.wait_for(numbers)
    from_call, from_return, call = latencies(runs, taken)
    return {"latency_from_call": from_call, "latency_from_return": from_return, "idle_call": call}
