"""From a run's own marks to a figure: pure functions."""

from collections.abc import Mapping, Sequence

WARM_UP = 0.2


def drain_rate(runs: Mapping[int, int]) -> tuple[float, float]:
    """Jobs a second after the first fifth, while the workers still started; and the seconds that took.

    Each job counts once, when it ran first.
    """
    times = sorted(runs.values())
    start = int(len(times) * WARM_UP)
    seconds = (times[-1] - times[start]) / 1e9
    return (len(times) - start - 1) / seconds, seconds


def flow_rate(runs: Mapping[int, int], began: int) -> float:
    """Jobs a second from the producer's first call to the last execution."""
    return len(runs) / ((max(runs.values()) - began) / 1e9)


def latencies(
    runs: Mapping[int, int], samples: Sequence[tuple[int, int, int]]
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds: from the call of enqueue, from its return, and of the call itself."""
    from_call = [(runs[job] - called) / 1e6 for job, called, _ in samples]
    from_return = [(runs[job] - returned) / 1e6 for job, _, returned in samples]
    return from_call, from_return, [(returned - called) / 1e6 for _, called, returned in samples]


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The value that so many per cent of the sorted values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(per_cent / 100 * len(ordered) + 0.5) - 1))]
