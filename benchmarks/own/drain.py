"""This project's drain rate alone, for whoever tunes it: ``python -m benchmarks.own.drain --jobs 60000``."""

from benchmarks.measures import drain
from benchmarks.own.command import arguments, own_stage


def main() -> None:
    asked = arguments(__doc__, jobs=60_000)
    with own_stage(asked.options) as stage:
        for _ in range(asked.runs):
            took = drain.measure(stage, asked.jobs)
            seconds = took["drain_seconds"]
            print(f"drain {took['drain']:,.0f} jobs/s over {seconds:.1f} s; enqueue {took['enqueue_us']:.0f} us")


if __name__ == "__main__":
    main()
