"""The settings of the Django libraries: a database and files of their own, and the same encoder for all."""

import os
from pathlib import Path

from benchmarks.thumbnails.work import QUALITY

FOLDER = Path(os.environ["BENCH_FOLDER"])
SECRET_KEY = "only-for-benchmarks"  # noqa: S105
INSTALLED_APPS = ["django.contrib.contenttypes", "easy_thumbnails", "sorl.thumbnail", "imagekit"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "peers.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = FOLDER / "media"
MEDIA_URL = "/media/"
USE_TZ = True

# Shared by easy-thumbnails and sorl, who read the same names.
THUMBNAIL_QUALITY = QUALITY["jpeg"]
THUMBNAIL_PROGRESSIVE = 1
THUMBNAIL_ENGINE = os.environ.get("BENCH_SORL_ENGINE", "sorl.thumbnail.engines.pil_engine.Engine")
THUMBNAIL_UPSCALE = False
