"""What a rendition looks like, whatever the picture was made of; compared by what an eye would see."""

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.thumbnails.samples import (
    FORMATS,
    SPECS,
    difference,
    encoded,
    exif,
    linear_grey_profile,
    one,
    opened,
    pixel,
    png,
    png_chunk,
    rendered,
    scene,
    swapped_profile,
    turned,
)

ALIKE = 4.0  # of 255; a mirrored or turned scene differs by more than 40
WRITTEN = ["jpeg", "webp"]


def assert_looks_like(content: bytes, reference: Image.Image, tolerance: float = ALIKE) -> None:
    rendering = rendered(content)
    assert (rendering.width, rendering.height) == reference.size
    for rendition in rendering.renditions:
        shown = opened(rendition).convert("RGB")
        assert difference(shown, reference.convert("RGB")) < tolerance, rendition.name


def test_the_measure_tells_a_turned_scene_from_an_upright_one():
    upright = scene(300, 300)
    assert all(difference(upright, turned(upright, orientation)) > 40 for orientation in range(2, 9))


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_rendered_in_every_size_and_told_by_its_content(format: str):
    rendering = rendered(encoded(scene(), format))
    assert rendering.format == format.lower()
    assert {(each.name, each.format) for each in rendering.renditions} == {(n, f) for n in SPECS for f in WRITTEN}
    assert one(rendering, "large", "jpeg").width == 240
    assert one(rendering, "small", "webp").height == 45
    for each in rendering.renditions:
        assert opened(each).size == (each.width, each.height)
        assert opened(each).format == each.format.upper()
    assert_looks_like(encoded(scene(), format), scene(), tolerance=8 if format == "GIF" else ALIKE)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_orientation_stands_upright(format: str, orientation: int):
    content = encoded(turned(scene(), orientation), format, exif=exif(orientation))
    assert_looks_like(content, scene())


def test_an_upright_portrait_fills_the_box_by_its_height():
    content = encoded(turned(scene(300, 1200), 6), "JPEG", exif=exif(6))
    large = one(rendered(content), "large", "jpeg")
    assert (large.width, large.height) == (60, 240)


def test_an_orientation_told_at_the_end_of_a_png_counts():
    plain = encoded(turned(scene(), 6), "PNG")
    metadata = exif(6).tobytes().removeprefix(b"Exif\0\0")
    assert_looks_like(plain[:-12] + png_chunk(b"eXIf", metadata) + plain[-12:], scene())


@pytest.mark.filterwarnings("ignore:.*EXIF.*:UserWarning")
def test_an_unreadable_orientation_is_none():
    assert_looks_like(encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 9), scene())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_a_png_keeps_its_look(mode: str):
    image = scene().convert(mode)
    # Dither and 256 colours differ from the scene, not from the picture that was uploaded; JPEG dislikes dither.
    assert_looks_like(encoded(image, "PNG"), image.convert("RGB"), tolerance=7 if mode == "1" else ALIKE)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_every_mode_of_a_jpeg_keeps_its_look(mode: str):
    assert_looks_like(encoded(scene().convert(mode), "JPEG"), scene().convert(mode).convert("RGB"))


def test_sixteen_bits_of_grey_become_eight():
    ramp = b"".join(struct.pack("<256H", *(level * 257 for level in range(256))) for _ in range(100))
    image = Image.frombytes("I;16", (256, 100), ramp)
    expected = Image.frombytes("L", (256, 100), bytes(range(256)) * 100)
    assert_looks_like(encoded(image, "PNG"), expected)


def test_sixteen_bits_of_colour_become_eight():
    row = b"\0" + struct.pack(">3H", 0xFFFF, 0x8000, 0x0000) * 40
    assert_looks_like(png(40, 40, 16, 2, row * 40), Image.new("RGB", (40, 40), (255, 128, 0)))


def test_only_the_transparent_level_of_sixteen_bits_vanishes():
    image = Image.frombytes("I;16", (40, 40), struct.pack("<40H", *[30000] * 20, *[30001] * 20) * 40)
    shown = opened(one(rendered(encoded(image, "PNG", transparency=30000)), "large", "webp"))
    assert pixel(shown, 2, 20)[3] == 0
    assert pixel(shown, 37, 20)[3] == 255


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_kept_in_webp_and_in_png_instead_of_jpeg(mode: str):
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 40, 80))
    rendering = rendered(encoded(image.convert(mode), "PNG"))
    assert {each.format for each in rendering.renditions} == {"webp", "png"}
    for format in ("webp", "png"):
        shown = opened(one(rendering, "large", format))
        assert pixel(shown, 10, 40)[3] == 0
        assert pixel(shown, 70, 40) == (0, 0, 0, 255)


def test_a_transparent_colour_of_a_png_without_alpha_counts():
    image = Image.new("RGB", (80, 80), (200, 10, 10))
    webp = opened(one(rendered(encoded(image, "PNG", transparency=(200, 10, 10))), "large", "webp"))
    assert pixel(webp, 40, 40)[3] == 0


def test_opaque_alpha_is_left_out():
    assert opened(one(rendered(encoded(scene().convert("RGBA"), "PNG")), "large", "webp")).mode == "RGB"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_colours_of_another_profile_become_srgb(format: str):
    red, green, blue = scene().split()
    stored = Image.merge("RGB", (green, red, blue))
    assert_looks_like(encoded(stored, format, icc_profile=swapped_profile()), scene())


def test_a_profile_keeps_the_alpha():
    stored = Image.new("RGBA", (60, 60), (255, 0, 0, 100))
    shown = opened(one(rendered(encoded(stored, "PNG", icc_profile=swapped_profile())), "large", "webp"))
    red, green, _, alpha = pixel(shown, 30, 30)
    assert green > 245
    assert red < 10
    assert alpha == 100


def test_grey_of_a_grey_profile_becomes_srgb():
    content = encoded(Image.new("L", (60, 60), 128), "PNG", icc_profile=linear_grey_profile())
    assert_looks_like(content, Image.new("RGB", (60, 60), (188, 188, 188)))


@pytest.mark.parametrize("profile", [b"no profile at all", swapped_profile()[:200], linear_grey_profile()])
def test_a_broken_or_foreign_profile_tells_nothing(profile: bytes):
    assert_looks_like(encoded(scene(), "JPEG", icc_profile=profile), scene())


def test_a_phones_mpo_is_a_jpeg():
    content = encoded(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)])
    assert rendered(content).format == "jpeg"
    assert_looks_like(content, scene())


def test_a_small_picture_is_not_enlarged():
    rendering = rendered(encoded(scene(40, 30), "PNG"))
    assert {(each.width, each.height) for each in rendering.renditions} == {(40, 30)}


def test_a_line_of_pixels_keeps_at_least_one():
    large = one(rendered(encoded(Image.new("RGB", (5000, 1), "red"), "PNG")), "large", "jpeg")
    assert (large.width, large.height) == (240, 1)


def test_a_rendition_says_srgb_by_saying_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(scene(), "JPEG", icc_profile=profile)
    assert_looks_like(content, scene())
    assert all("icc_profile" not in opened(each).info for each in rendered(content).renditions)


def test_pillow_keeps_its_process_wide_switches():
    from PIL import ImageFile

    before = Image.MAX_IMAGE_PIXELS
    rendered(encoded(scene(), "PNG"))
    assert before == Image.MAX_IMAGE_PIXELS
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@given(width=st.integers(1, 300), height=st.integers(1, 300))
def test_no_rendition_exceeds_its_box_or_the_original(width, height):
    sizes = {"wide": (100, 20), "tall": (20, 100), "square": (50, 50), "dot": (1, 1)}
    rendering = rendered(encoded(Image.new("L", (width, height)), "PNG"), sizes)
    for each in rendering.renditions:
        box = sizes[each.name]
        assert 1 <= each.width <= min(box[0], width)
        assert 1 <= each.height <= min(box[1], height)
        assert Image.open(BytesIO(each.content)).size == (each.width, each.height)
