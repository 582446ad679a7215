"""easy-thumbnails: files and rows."""

from pathlib import Path

from benchmarks.thumbnails.contestants.peers import prepare, stored
from benchmarks.thumbnails.work import SIDES

__all__ = ["make", "prepare"]


def make(photo: Path, format: str) -> list[int]:
    from django.core.files.storage import default_storage
    from easy_thumbnails.files import get_thumbnailer

    thumbnailer = get_thumbnailer(default_storage, relative_name=stored(photo))
    return [thumbnailer.get_thumbnail({"size": (side, side)}).size for side in SIDES]
