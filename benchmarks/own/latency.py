"""This project's idle start latency: ``python -m benchmarks.own.latency --jobs 100``."""

from benchmarks.measures import latency
from benchmarks.measures.figures import percentile
from benchmarks.own.command import arguments, own_stage


def main() -> None:
    asked = arguments(__doc__, jobs=100)
    with own_stage(asked.options) as stage, stage.workers() as group:
        stage.warm_up(group)
        for _ in range(asked.runs):
            for name, values in latency.measure(stage, asked.jobs).items():
                told = "  ".join(f"p{each} {percentile(values, each):.2f}" for each in (50, 95, 99))
                print(f"{name:20} {told} ms")


if __name__ == "__main__":
    main()
