"""From the bytes of an upload to its renditions. Knows no database and no storage; the bytes are hostile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any

from PIL import Image, UnidentifiedImageError

from thumbnails.pixels import is_on_its_side, on_white, orientation_of, smooth, to_srgb, upright

Box = tuple[int, int]

# By content, whatever the name says. MPO is the JPEG of some phones; Pillow tells it apart after opening it as JPEG.
READ = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
FOUND = {name: name.lower() for name in READ} | {"MPO": "jpeg"}
WRITTEN: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 82, "optimize": True, "progressive": True},
    "webp": {"quality": 80, "method": 4},
}
# Decoded near the size that is wanted, so these must not be loaded before that is known.
DRAFTED = ("JPEG", "MPO")
# From 3 on Pillow promises what cannot be told from scaling in one step.
REDUCING_GAP = 3.0
MEGAPIXEL = 1_000_000
MEGABYTE = 1024 * 1024

DAMAGED = "The picture is damaged or cut short and cannot be read. Upload it again from its source."
UNKNOWN = "This is not a picture in JPEG, PNG, WebP, GIF or AVIF format. Save it as one of these and upload it again."
TOO_DEMANDING = "The picture needs more memory than there is. Make it smaller and upload it again."


class UnsupportedPicture(Exception):
    """This picture will never be rendered; the message is a sentence for its owner."""


@dataclass(frozen=True)
class Rendered:
    name: str
    format: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Rendering:
    """``format`` is what the content turned out to be; ``width`` and ``height`` are the original's, upright."""

    format: str
    width: int
    height: int
    renditions: list[Rendered]


def render(content: bytes, sizes: Mapping[str, Box], *, max_bytes: int, max_pixels: int) -> Rendering:
    """Every size in every written format, never larger than the original; of an animation its first frame.

    Raises UnsupportedPicture, and nothing else for whatever ``content`` holds. Takes up to 16 bytes of memory for
    each pixel of the original (WebP; PNG 9, a large JPEG 2), and as long as its decoder takes: run it under a timeout.
    """
    if len(content) > max_bytes:
        raise UnsupportedPicture(too_many_bytes(len(content), max_bytes))
    try:
        image = _open(content, max_pixels)
        original, (first, *rest), picture = _decode(image, sizes)
    except UnsupportedPicture:
        raise
    except MemoryError as error:
        raise UnsupportedPicture(TOO_DEMANDING) from error
    except Exception as error:  # decoders meet hostile bytes with OSError, SyntaxError, struct.error, KeyError, …
        raise UnsupportedPicture(DAMAGED) from error
    renditions = list(_encode(first, picture))
    for name in rest:
        # In place, each size from the one before, and never enlarged.
        picture.thumbnail(sizes[name], Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
        renditions += _encode(name, picture)
    return Rendering(FOUND[image.format or ""], *original, renditions)


def too_many_bytes(size: int, limit: int) -> str:
    return (
        f"The file has {size / MEGABYTE:.1f} MB, and at most {limit / MEGABYTE:g} MB are accepted. "
        "Make it smaller and upload it again."
    )


def too_many_pixels(size: Box, limit: int) -> str:
    return (
        f"The picture is {size[0]} × {size[1]} pixels, and at most {limit / MEGAPIXEL:g} megapixels are accepted. "
        "Make it smaller and upload it again."
    )


def by_scale(sizes: Mapping[str, Box], original: Box) -> list[str]:
    """The names of the sizes, the one that keeps most of ``original`` first, so that each can be made of the last."""
    return sorted(sizes, key=lambda name: min(sizes[name][0] / original[0], sizes[name][1] / original[1]), reverse=True)


def filled(box: Box, size: Box) -> Box:
    """The part of ``box`` that a picture of this size fills, rounded up. Given the whole box, Pillow would decode a
    JPEG for the side that fills less of it, and so up to twice as large."""
    scale = min(box[0] / size[0], box[1] / size[1])
    return min(box[0], ceil(size[0] * scale)), min(box[1], ceil(size[1] * scale))


def turned(size: Box) -> Box:
    return size[1], size[0]


def _open(content: bytes, max_pixels: int) -> Image.Image:
    """Reads the header only, and measures before anything is decoded."""
    # Where Pillow would only warn of a bomb, this refuses; a warnings filter would be changed for every thread.
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    try:
        image = Image.open(BytesIO(content), formats=READ)
    except UnidentifiedImageError as error:
        raise UnsupportedPicture(UNKNOWN) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedPicture(
            f"The picture has more than the {limit / MEGAPIXEL:g} megapixels that are accepted. "
            "Make it smaller and upload it again."
        ) from error
    if image.width * image.height > limit:
        raise UnsupportedPicture(too_many_pixels(image.size, limit))
    return image


def _decode(image: Image.Image, sizes: Mapping[str, Box]) -> tuple[Box, list[str], Image.Image]:
    """The original's size upright, the names of the sizes from the largest down, and the picture in the first."""
    if image.format not in DRAFTED:
        image.load()
    orientation = orientation_of(image)
    on_its_side = is_on_its_side(orientation)
    original = turned(image.size) if on_its_side else image.size
    names = by_scale(sizes, original)
    box = filled(sizes[names[0]], original)
    profile = image.info.get("icc_profile")
    image = smooth(image)
    # Before it is turned and coloured: a JPEG is then decoded near its final size, several times faster.
    image.thumbnail(turned(box) if on_its_side else box, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    image.load()
    return original, names, upright(to_srgb(image, profile), orientation)


def _encode(name: str, image: Image.Image) -> Iterator[Rendered]:
    for format, options in WRITTEN.items():
        written = BytesIO()
        (on_white(image) if format == "jpeg" else image).save(written, format, **options)
        yield Rendered(name, format, written.getvalue(), *image.size)
