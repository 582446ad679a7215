"""From pixels to the bytes of a file, without metadata."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from thumbnails.motion import Motion, gif_loop
from thumbnails.pixels import all_or_nothing, on_background
from thumbnails.specs import Spec

QUALITY = {"jpeg": 82, "webp": 80, "avif": 60}
OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"optimize": True, "progressive": True},
    "webp": {"method": 4},
    # Less than half of the default's time, for files some percent larger.
    "avif": {"speed": 8},
    "png": {},
}
OPAQUE = ("jpeg",)
# Of an animation, which has many frames to encode, in less time than a still.
MOVING_WEBP = {"method": 2}
PLACEHOLDER_SIDES = (24, 16, 8)
LONGEST_PLACEHOLDER = 500


def encoded(image: Image.Image, format: str, spec: Spec) -> bytes:
    """RGB or RGBA; transparency is put on the background where the format has none."""
    if format in OPAQUE:
        image = on_background(image, spec.background)
    return _written([image], format, **OPTIONS[format], **_quality(format, spec))


def encoded_moving(images: Sequence[Image.Image], motion: Motion, format: str, spec: Spec) -> bytes:
    """As WebP or as GIF. Frames that look the same may become one that is shown longer."""
    options: dict[str, Any] = {"save_all": True, "duration": list(motion.durations)}
    if format == "webp":
        return _written(images, "webp", loop=motion.plays, **options, **MOVING_WEBP, **_quality("webp", spec))
    if images[0].mode == "RGBA":
        # Or a transparent frame would let the last one shine through.
        images, options["disposal"] = [all_or_nothing(image) for image in images], 2
    return _written(images, "gif", **gif_loop(motion.plays), **options)


def placeholder(image: Image.Image) -> str:
    """A tiny preview as a data: address of at most 500 characters."""
    for side in PLACEHOLDER_SIDES:
        tiny = image.copy()
        tiny.thumbnail((side, side), Image.Resampling.BOX)
        content = _written([tiny], "webp", quality=30, method=6)
        address = "data:image/webp;base64," + b64encode(content).decode()
        if len(address) <= LONGEST_PLACEHOLDER:
            return address
    return ""


def _quality(format: str, spec: Spec) -> dict[str, int]:
    return {"quality": spec.quality.get(format, QUALITY[format])} if format in QUALITY else {}


def _written(images: Sequence[Image.Image], format: str, **options: Any) -> bytes:
    first, *rest = images
    written = BytesIO()
    first.save(written, format, **({"append_images": rest} if rest else {}), **options)
    return written.getvalue()
