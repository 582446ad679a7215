"""This project's ``render``: from bytes to bytes, as the bare loop."""

from pathlib import Path

from benchmarks.thumbnails.work import SIDES


def prepare() -> None:
    pass


def make(photo: Path, format: str) -> list[int]:
    from thumbnails.limits import Limits
    from thumbnails.rendering import render
    from thumbnails.specs import Spec

    specs = [Spec(f"s{side}", side, side, formats=(format,)) for side in SIDES]
    limits = Limits(max_bytes=200 * 1024 * 1024, max_pixels=85_000_000)
    return [len(made.content) for made in render(photo.read_bytes(), specs, (0.5, 0.5), limits).renditions]
