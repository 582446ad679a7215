"""Tells what the bytes of an upload are, and how large, before anything is decoded."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from thumbnails.layout import Size
from thumbnails.limits import Limits
from thumbnails.pixels import is_on_its_side, orientation_of
from thumbnails.refusals import UNKNOWN, UnsupportedPicture, far_too_many_pixels, too_many_pixels

# By content, whatever the name says. MPO is the JPEG of some phones; Pillow tells it apart after opening it as JPEG.
READ = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
FOUND = {name: name.lower() for name in READ} | {"MPO": "jpeg", "HEIF": "heic"}
# Decoded near the size that is wanted, so these must not be loaded before that is known.
DRAFTED = ("JPEG", "MPO")

try:
    import pillow_heif
except ImportError:
    pass  # under the GPL, and so for each project to choose
else:
    pillow_heif.register_heif_opener(thumbnails=False)
    READ.append("HEIF")


@dataclass(frozen=True)
class Opened:
    """``format``: found in the content; ``original``: the size, upright."""

    format: str
    original: Size
    image: Image.Image


def open_picture(content: bytes, limits: Limits) -> Opened:
    """Raises UnsupportedPicture, and whatever decoders raise."""
    # Where Pillow would only warn of a bomb, this refuses; a warnings filter would be changed for every thread.
    limit = min(limits.max_pixels, Image.MAX_IMAGE_PIXELS or limits.max_pixels)
    try:
        image = Image.open(BytesIO(content), formats=READ)
    except UnidentifiedImageError as error:
        raise UnsupportedPicture(UNKNOWN) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedPicture(far_too_many_pixels(limit)) from error
    if image.width * image.height > limit:
        raise UnsupportedPicture(too_many_pixels(image.size, limit))
    if image.format not in DRAFTED:
        image.load()
    width, height = image.size
    if is_on_its_side(orientation_of(image)):
        width, height = height, width
    return Opened(FOUND[image.format or ""], (width, height), image)
