"""Sound pictures to be broken, all small: every format, mode, orientation, profile and kind of animation."""

from collections.abc import Iterator
from typing import Any

from PIL import Image, PngImagePlugin

from tests.thumbnails.samples import encoded, exif, linear_grey_profile, png, scene, swapped_profile, turned

SIZE = (48, 36)
MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "WEBP": ["RGB", "RGBA"],
    "GIF": ["L", "P", "RGB"],
    "AVIF": ["RGB", "RGBA"],
}
ORIENTED = ["JPEG", "PNG", "WEBP", "AVIF"]
MOVING = ["GIF", "WEBP", "PNG", "AVIF"]
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"progressive": True}, {"subsampling": 0}, {"subsampling": 2}, {"restart_marker_blocks": 1}],
    "WEBP": [{"lossless": True}, {"method": 0}],
    "PNG": [{"compress_level": 0}, {"optimize": True}],
    "GIF": [{"interlace": 0}],
    "AVIF": [{"subsampling": "4:4:4"}, {"subsampling": "4:0:0"}],
}
FASTEST = {"AVIF": {"speed": 10}}


def corpus() -> dict[str, bytes]:
    """What the file is -> its bytes."""
    return {f"{name} {what}": content for name in MODES for what, content in _of(name)}


def _of(format: str) -> Iterator[tuple[str, bytes]]:
    whole = scene(*SIZE)
    options: dict[str, Any] = dict(FASTEST.get(format, {}))
    for mode in MODES[format]:
        yield mode, encoded(in_mode(whole, mode), format, **options)
    for variant in VARIANTS[format]:
        yield str(variant), encoded(whole, format, **options | variant)
    if format in ORIENTED:
        for orientation in range(1, 9):
            tags = exif(orientation, Artist="somebody")
            yield f"turned {orientation}", encoded(turned(whole, orientation), format, exif=tags, **options)
        yield "profile", encoded(whole, format, icc_profile=swapped_profile(), **options)
        yield "broken profile", encoded(whole, format, icc_profile=swapped_profile()[:200], **options)
    if format in MOVING:
        frames = [whole.rotate(30 * turn) for turn in range(1, 4)]
        yield (
            "moving",
            encoded(whole, format, save_all=True, append_images=frames, duration=[50, 90, 40, 10], **options),
        )
    yield from SPECIAL.get(format, list)()


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.new("I;16", image.size, 4000)
    converted = image.convert(mode)
    if converted.mode.endswith("A"):
        converted.putalpha(image.getchannel("G"))
    return converted


def _png() -> list[tuple[str, bytes]]:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>", zip=True)
    text.add_text("Comment", "x" * 500, zip=True)
    whole = scene(*SIZE)
    return [
        ("text", encoded(whole, "PNG", pnginfo=text)),
        ("transparent colour", encoded(whole, "PNG", transparency=(0, 0, 255))),
        ("transparent entry", encoded(whole.convert("P"), "PNG", transparency=3)),
        ("grey profile", encoded(whole.convert("L"), "PNG", icc_profile=linear_grey_profile())),
        ("16 bit colours", png(8, 6, 16, 2, (b"\0" + bytes(range(48))) * 6)),
        ("2 bit greys", png(8, 6, 2, 0, b"\0\x1b\xe4" * 6)),
    ]


def _gif() -> list[tuple[str, bytes]]:
    whole = scene(*SIZE)
    frames = [whole.crop((0, 0, 20, 20)), whole.rotate(90)]
    return [
        (f"disposal {how}", encoded(whole, "GIF", save_all=True, append_images=frames, disposal=how, transparency=0))
        for how in range(4)
    ]


SPECIAL = {"PNG": _png, "GIF": _gif}
