"""Do the admin's pages stay quick over two million jobs? ``python -m benchmarks.own.operating`` compares with 2,000."""

import json

from benchmarks.own.command import arguments, own_stage
from benchmarks.own.stock import stock
from benchmarks.stage import Stage

SMALL = 2_000
BOUND, RATIO = 200, 3
"""Milliseconds that the median of a page may take, and how many times as long as over the small table."""
SHARES = {"finished": 0.8, "future": 0.1, "spread": 0.1}


def measure(stage: Stage, jobs: int) -> dict[str, float]:
    """Page -> the median of its milliseconds over a table of so many jobs."""
    stage.reset()
    for kind, share in SHARES.items():
        stock(stage, kind, round(jobs * share))
    stage.run("-m", "benchmarks.own.weathering")
    return json.loads(stage.run("-m", "benchmarks.own.visiting").splitlines()[-1])


def main() -> None:
    asked = arguments(__doc__, jobs=2_000_000)
    with own_stage(asked.options) as stage:
        stage.env["DJANGO_SETTINGS_MODULE"] = "benchmarks.own.admin_settings"
        stage.run("-m", "django", "migrate", "--verbosity", "0")
        small, large = measure(stage, SMALL), measure(stage, asked.jobs)
    print(f"{'page':32} {SMALL:>9,} {asked.jobs:>12,}  ratio")
    for page, before in small.items():
        after = large[page]
        told = "" if after <= BOUND and after <= RATIO * before else "  too slow"
        print(f"{page:32} {before:6.1f} ms {after:9.1f} ms {after / before:6.2f}{told}")


if __name__ == "__main__":
    main()
