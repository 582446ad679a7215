"""Renditions against references: what was scaled from a smaller decoding or printed in ink looks the same."""

import struct

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.thumbnails.samples import difference, encoded, exif, likeness, one, opened, rendered, scene, turned
from thumbnails.reading import READ


@pytest.fixture(scope="module")
def detailed() -> Image.Image:
    """Thin lines and noise, which tell a careless scaling at once."""
    image = scene(1201, 903).effect_spread(8)
    drawn = ImageDraw.Draw(image)
    for at in range(0, 1201, 17):
        drawn.line((at, 0, 1201 - at, 903), (20, 30, 40), 3)
    return image


def test_the_measure_tells_blur_and_jaggedness(detailed: Image.Image):
    fine = detailed.resize((384, 289), Image.Resampling.LANCZOS)
    assert likeness(fine, fine) == pytest.approx(1)
    assert likeness(fine, fine.filter(ImageFilter.GaussianBlur(1))) < 0.95
    assert likeness(fine, detailed.resize((384, 289), Image.Resampling.NEAREST)) < 0.95
    assert likeness(fine, ImageChops.offset(fine, 2, 0)) < 0.95


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("sides", [(384, 288, 192, 96), (288,)])
def test_every_size_looks_as_if_scaled_alone_from_all_the_pixels(detailed: Image.Image, sides: tuple, format: str):
    content = encoded(detailed, format, **({"quality": 95} if format == "JPEG" else {"compress_level": 1}))
    specs = {f"s{side}": {"width": side, "height": side, "formats": ["png"]} for side in sides}
    rendering = rendered(content, specs)
    for side in sides:
        shown = opened(one(rendering, f"s{side}", "png"))
        assert likeness(detailed.resize(shown.size, Image.Resampling.LANCZOS), shown) > 0.99, side


def test_what_was_turned_upright_is_as_sharp(detailed: Image.Image):
    wide = detailed.crop((0, 0, 1201, 301))
    content = encoded(turned(wide, 6), "PNG", compress_level=1, exif=exif(6))
    shown = opened(one(rendered(content, {"wide": {"width": 384, "height": 384, "formats": ["png"]}}), "wide", "png"))
    assert likeness(wide.resize(shown.size, Image.Resampling.LANCZOS), shown) > 0.99


@pytest.mark.parametrize("mode", ["cover", "pad"])
def test_a_part_looks_as_if_cut_by_hand(detailed: Image.Image, mode: str):
    specs = {
        "whole": {"width": 400, "height": 400, "formats": ["png"]},
        "part": {"width": 200, "height": 200, "mode": mode, "formats": ["png"]},
    }
    shown = opened(one(rendered(encoded(detailed, "PNG", compress_level=1), specs), "part", "png"))
    if mode == "cover":
        by_hand = detailed.resize((200, 200), Image.Resampling.LANCZOS, (149, 0, 1052, 903))
    else:
        by_hand = Image.new("RGB", (200, 200), "white")
        by_hand.paste(detailed.resize((200, 150), Image.Resampling.LANCZOS), (0, 25))
    assert likeness(by_hand, shown) > 0.98


def without_adobe(content: bytes) -> bytes:
    """Without the segment that says who wrote a JPEG."""
    at = content.index(b"\xff\xee")
    (length,) = struct.unpack_from(">H", content, at + 2)
    return content[:at] + content[at + 2 + length :]


def test_cmyk_looks_the_same_with_the_inversion_of_adobe_and_without():
    ink = scene().convert("CMYK")
    by_adobe = encoded(ink, "JPEG")
    by_others = without_adobe(encoded(ImageChops.invert(ink), "JPEG"))
    assert b"Adobe" not in by_others
    for content in (by_adobe, by_others):
        assert difference(opened(one(rendered(content), "large", "jpeg")), scene()) < 5


@pytest.mark.skipif("HEIF" not in READ, reason="pillow-heif is not installed: HEIC is NOT tested")
def test_heic_is_read_where_pillow_heif_is_installed():
    for content in (
        encoded(scene(), "HEIF", quality=90),
        # As bytes, for only then does the writer turn it in its own way too, as phones do.
        encoded(turned(scene(), 6), "HEIF", quality=90, exif=exif(6, Artist="somebody").tobytes()),
    ):
        rendering = rendered(content)
        assert (rendering.format, rendering.width, rendering.height) == ("heic", 400, 300)
        assert difference(opened(one(rendering, "large", "jpeg")), scene()) < 4
        assert not any(b"somebody" in each.content for each in rendering.renditions)
