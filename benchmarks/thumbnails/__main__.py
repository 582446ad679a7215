"""``python -m benchmarks.thumbnails``: this project's renditions beside the libraries', and the page about both."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from benchmarks import virtualenv
from benchmarks.thumbnails.contest import ROOT, contest
from benchmarks.thumbnails.page import written
from benchmarks.thumbnails.photos import large_photo, photos
from benchmarks.thumbnails.rivals import install

PAGE = ROOT / "docs" / "benchmarks-thumbnails.md"
KEPT = Path(virtualenv.KEPT) / "photos"


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.thumbnails", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--photos", type=int, default=6, help="of 12 megapixels, in each run of JPEG")
    parser.add_argument("--publish", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    if asked.runs < 1 or asked.photos < 2:
        parser.error("--runs must be at least 1, and --photos 2.")
    try:
        install()
        # The first one warms everybody up.
        taken = photos(KEPT, asked.photos + 1)
        results = contest(taken, large_photo(KEPT), asked.runs, lambda line: print(line, file=sys.stderr, flush=True))
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"The benchmark cannot run: {error}")
    page = written(results, asked.runs, asked.photos, os.getloadavg()[0])
    print(page)
    if asked.publish:
        PAGE.write_text(page)


main()
