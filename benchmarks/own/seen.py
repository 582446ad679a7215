"""What it costs that jobs are counted, and that they are seen: ``python -m benchmarks.own.seen``.

In turns the same drain as it is, without the counts, without the events, and with an owner who looks at every job.
"""

from statistics import median

from benchmarks.measures.figures import drain_rate
from benchmarks.own.command import arguments, own_stage
from benchmarks.own.stock import stock
from benchmarks.own.stocking import OWNER
from benchmarks.peers.workers.commands import run_workers
from benchmarks.stage import Stage

JOBS = 60_000
ONLOOKER = f"python -m benchmarks.own.onlooker {OWNER}"


def measure(stage: Stage, scale: float) -> dict[str, float]:
    jobs = round(JOBS * max(scale, 0.2))
    # Before and after the others: whatever the machine still had to do at the beginning falls on both sides.
    first = _drain(stage, jobs)
    uncounted, untold = _drain(stage, jobs, without="counts"), _drain(stage, jobs, without="events")
    watched = _watched(stage, jobs)
    plain = (first + _drain(stage, jobs)) / 2
    return {
        "seen_plain": plain,
        "counted_ratio": plain / uncounted,
        "unowned_ratio": plain / untold,
        "watched_ratio": watched / plain,
    }


def _drain(stage: Stage, jobs: int, without: str = "") -> float:
    stage.reset()
    numbers = stock(stage, "ready", jobs)
    commands = [command.replace("-m django", _program(without)) for command in run_workers()]
    with stage.workers(commands) as group:
        return drain_rate(stage.marks.wait_for(numbers, 60, lambda: group.alive))[0]


def _program(without: str) -> str:
    return f"-m benchmarks.own.without {without}" if without else "-m django"


def _watched(stage: Stage, jobs: int) -> float:
    stage.reset()
    numbers = stock(stage, "owned", jobs)
    with stage.workers([ONLOOKER, *run_workers()]) as group:
        rate = drain_rate(stage.marks.wait_for(numbers, 60, lambda: group.alive))[0]
        if "news" not in group.said():
            raise AssertionError("The onlooker was told nothing.")
    return rate


def main() -> None:
    asked = arguments(__doc__)
    with own_stage(asked.options) as stage:
        runs = [measure(stage, 1) for _ in range(asked.runs)]
    for name in runs[0]:
        print(
            f"{name:15} {median(run[name] for run in runs):,.2f}   ({', '.join(f'{run[name]:,.2f}' for run in runs)})"
        )


if __name__ == "__main__":
    main()
