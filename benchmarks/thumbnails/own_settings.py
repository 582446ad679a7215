"""This project's settings, with the sizes that are measured."""

import os
from pathlib import Path

from benchmarks.thumbnails.work import SIDES
from myproject.settings import *  # noqa: F403

FOLDER = Path(os.environ["BENCH_FOLDER"])
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "own.sqlite3"}}
MEDIA_ROOT = FOLDER / "media"
LOGGING_CONFIG = None
THUMBNAILS = {
    "SPECS": {f"s{side}": {"width": side, "height": side, "formats": ["jpeg"]} for side in SIDES},
    "MAX_BYTES": 200 * 1024 * 1024,
    "MAX_PIXELS": 85_000_000,
}
