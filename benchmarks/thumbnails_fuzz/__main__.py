"""``python -m benchmarks.thumbnails_fuzz --minutes 10``: breaks pictures, and fails when one is not refused in time.

What was found is kept under ``var/fuzzing``, a file for each.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.thumbnails_fuzz.campaign import Campaign
from benchmarks.thumbnails_fuzz.corpus import corpus
from benchmarks.thumbnails_fuzz.report import written

FOUND = Path("var/fuzzing")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    campaign = Campaign(given.seed).run(corpus(), seconds=given.minutes * 60)
    for number, finding in enumerate([*campaign.failures, *campaign.ended]):
        FOUND.mkdir(parents=True, exist_ok=True)
        (FOUND / f"{given.seed}-{number}.bin").write_bytes(finding.content)
    page = written(campaign)
    if given.report:
        given.report.write_text(page)
    print(page)
    return 1 if campaign.failures else 0


if __name__ == "__main__":
    sys.exit(main())
