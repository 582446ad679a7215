"""sorl-thumbnail: files, and what is known of them in its key-value store in the database."""

from pathlib import Path

from benchmarks.thumbnails.contestants.peers import prepare, stored
from benchmarks.thumbnails.work import SIDES

__all__ = ["make", "prepare"]


def make(photo: Path, format: str) -> list[int]:
    from django.core.files.storage import default_storage
    from sorl.thumbnail import get_thumbnail

    name = stored(photo)
    made = [get_thumbnail(default_storage.path(name), f"{side}x{side}", upscale=False) for side in SIDES]
    return [default_storage.size(each.name) for each in made]
