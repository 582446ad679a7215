"""libvips by pyvips: each size from the last, the first one shrunk while it is loaded."""

from pathlib import Path

from benchmarks.thumbnails.work import QUALITY, SIDES

OPTIONS = {
    "jpeg": (".jpg", {"Q": QUALITY["jpeg"], "interlace": True, "optimize_coding": True}),
    "webp": (".webp", {"Q": QUALITY["webp"], "effort": 4}),
    "avif": (".avif", {"Q": QUALITY["avif"], "effort": 1}),
}


def prepare() -> None:
    import pyvips

    pyvips.cache_set_max(0)


def make(photo: Path, format: str) -> list[int]:
    import pyvips

    suffix, options = OPTIONS[format]
    image = pyvips.Image.thumbnail_buffer(photo.read_bytes(), SIDES[0]).copy_memory()
    made = []
    for side in SIDES:
        image = image.thumbnail_image(side).copy_memory()
        made.append(len(image.write_to_buffer(suffix, keep="none", **options)))
    return made
