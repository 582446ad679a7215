"""Jobs that are there before a measurement begins."""

from benchmarks.stage import Stage


def stock(stage: Stage, kind: str, count: int) -> range:
    """``kind``: ready, owned, finished, future, or spread over five queues and three priorities."""
    numbers = stage.take(count)
    stage.run("-m", "benchmarks.own.stocking", kind, str(count), str(numbers[0]))
    return numbers
