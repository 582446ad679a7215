"""Pillow alone, as who knows it would write the loop: drafted, decoded once, and down the sizes."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from benchmarks.thumbnails.work import PILLOW, SIDES


def prepare() -> None:
    pass


def make(photo: Path, format: str) -> list[int]:
    """The bytes of each rendition."""
    with Image.open(BytesIO(photo.read_bytes())) as image:
        image.draft("RGB", (SIDES[0], SIDES[0]))
        image.thumbnail((SIDES[0], SIDES[0]), Image.Resampling.LANCZOS)
        ImageOps.exif_transpose(image, in_place=True)
        made = []
        for side in SIDES:
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            written = BytesIO()
            image.save(written, format, **PILLOW[format])
            made.append(len(written.getvalue()))
    return made
