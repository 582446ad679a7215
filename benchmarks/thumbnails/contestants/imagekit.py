"""django-imagekit: files; rows it keeps none."""

from pathlib import Path

from benchmarks.thumbnails.contestants.peers import prepare, stored
from benchmarks.thumbnails.work import PILLOW, SIDES

__all__ = ["make", "prepare"]


def make(photo: Path, format: str) -> list[int]:
    from django.core.files.storage import default_storage
    from imagekit import ImageSpec
    from imagekit.cachefiles import ImageCacheFile
    from imagekit.processors import ResizeToFit, Transpose

    class Size(ImageSpec):
        format = "JPEG"
        options = PILLOW["jpeg"]

    name, made = stored(photo), []
    for side in SIDES:
        with default_storage.open(name) as source:
            size = Size(source=source)
            size.processors = [Transpose(), ResizeToFit(side, side, upscale=False)]
            file = ImageCacheFile(size)
            file.generate()
            made.append(file.size)
    return made
