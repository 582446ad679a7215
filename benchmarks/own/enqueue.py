"""One enqueue beside a bare ``create()``, and beside enqueueing in bulk: ``python -m benchmarks.own.enqueue``."""

import json

from benchmarks.own.command import arguments, own_stage
from benchmarks.stage import Stage


def measure(stage: Stage, rounds: int) -> dict[str, float]:
    """Microseconds each, by block medians; interleaved on one connection, nobody working."""
    stage.reset()
    took = json.loads(stage.run("-m", "benchmarks.own.inserting", str(rounds)).splitlines()[-1])
    return took | {
        "enqueue_ratio": took["enqueue_us"] / took["create_job_us"],
        "enqueue_page_ratio": took["enqueue_us"] / took["create_page_us"],
        "bulk_ratio": took["enqueue_us"] / took["bulk_us"],
    }


def main() -> None:
    asked = arguments(__doc__, rounds=20)
    with own_stage() as stage:
        for _ in range(asked.runs):
            print("  ".join(f"{name} {value:,.2f}" for name, value in measure(stage, asked.rounds).items()))


if __name__ == "__main__":
    main()
