"""What a spec asks for is what its renditions are."""

from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, features

from tests.thumbnails.samples import MIDDLE, difference, encoded, exif, one, opened, pixel, rendered, scene, turned
from thumbnails.declared import declared
from thumbnails.refusals import UnsupportedPicture

NEEDS_AVIF = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")


def marked(width: int = 800, height: int = 200, at: tuple[float, float] = (0.9, 0.5)) -> Image.Image:
    """Black, with a red spot at ``at``."""
    image = Image.new("RGB", (width, height))
    x, y = at[0] * width, at[1] * height
    ImageDraw.Draw(image).ellipse((x - 40, y - 40, x + 40, y + 40), "red")
    return image


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_the_focal_point_is_of_the_upright_picture(orientation: int):
    content = encoded(turned(marked(), orientation), "JPEG", exif=exif(orientation))
    square = {"card": {"width": 100, "height": 100, "mode": "cover"}}
    seen = opened(one(rendered(content, square, (0.9, 0.5)), "card", "jpeg"))
    missed = opened(one(rendered(content, square, (0.1, 0.5)), "card", "jpeg"))
    assert seen.size == missed.size == (100, 100)
    assert max(pixel(missed, 50, 50)) < 30
    # As far to the right as the picture goes; the spot is 20 pixels from its edge, at half the size 40.
    assert pixel(seen, 60, 50)[0] > 200


def test_cover_shows_the_middle_as_a_crop_by_hand_would():
    whole = scene(1200, 900)
    by_hand = whole.crop((150, 0, 1050, 900)).resize((300, 300), Image.Resampling.LANCZOS)
    specs = {"whole": (1000, 1000), "card": {"width": 300, "height": 300, "mode": "cover"}}
    assert difference(by_hand, opened(one(rendered(encoded(whole, "PNG"), specs), "card", "jpeg"))) < 3


def test_pad_fills_the_rest_with_its_background():
    spec = {"card": {"width": 100, "height": 100, "mode": "pad", "background": "#00ff00"}}
    shown = opened(one(rendered(encoded(Image.new("RGB", (400, 200), "blue"), "PNG"), spec), "card", "jpeg"))
    assert shown.size == (100, 100)
    assert pixel(shown, 50, 10)[1] > 240
    assert pixel(shown, 50, 90)[1] > 240
    assert pixel(shown, 2, 50)[2] > 240


def test_a_flattened_picture_stands_on_its_background_in_every_format():
    spec = {"card": {"width": 80, "height": 80, "flatten": True, "background": "#ff0000"}}
    rendering = rendered(encoded(Image.new("RGBA", (80, 80)), "PNG"), spec)
    assert {each.format for each in rendering.renditions} == {"webp", "jpeg"}
    for each in rendering.renditions:
        assert opened(each).mode == "RGB"
        assert pixel(opened(each), 40, 40)[0] > 240


def test_where_a_jpeg_is_not_the_last_it_shows_what_is_transparent_on_the_background():
    spec = {"card": {"width": 80, "height": 80, "formats": ["jpeg", "webp"], "background": "#ff0000"}}
    red, green, _ = pixel(
        opened(one(rendered(encoded(Image.new("RGBA", (80, 80)), "PNG"), spec), "card", "jpeg")), 9, 9
    )
    assert red > 240
    assert green < 20


def test_each_density_has_its_own_pixels_and_those_too_large_are_left_out():
    spec = {"card": {"width": 100, "height": 100, "densities": [1, 1.5, 2, 3], "formats": ["jpeg"]}}
    renditions = rendered(encoded(scene(280, 210), "PNG"), spec).renditions
    assert {each.density: each.width for each in renditions} == {1: 100, 1.5: 150, 2: 200}


def test_a_picture_smaller_than_asked_is_enlarged_only_when_that_is_asked():
    specs = {"as_it_is": (300, 300), "large": {"width": 300, "height": 300, "upscale": True}}
    rendering = rendered(encoded(scene(100, 75), "PNG"), specs)
    assert one(rendering, "as_it_is", "jpeg").width == 100
    assert one(rendering, "large", "jpeg").width == 300
    assert difference(scene(300, 225), opened(one(rendering, "large", "jpeg"))) < 5


def test_a_sliver_enlarged_takes_no_more_memory_than_its_box():
    spec = {"card": {"width": 400, "height": 400, "mode": "cover", "upscale": True}}
    shown = one(rendered(encoded(Image.new("RGB", (1, 5000)), "PNG"), spec), "card", "jpeg")
    assert (shown.width, shown.height) == (400, 400)


@pytest.mark.parametrize("format", ["webp", "jpeg", pytest.param("avif", marks=NEEDS_AVIF)])
def test_the_quality_of_each_format_can_be_chosen(format: str):
    def bytes_at(quality: int) -> int:
        spec = {"width": 300, "height": 300, "formats": [format, "png"], "quality": {format: quality}}
        return len(one(rendered(content, {"any": spec}), "any", format).content)

    content = encoded(scene().effect_spread(9), "PNG")
    assert bytes_at(30) < 0.7 * bytes_at(90)


@NEEDS_AVIF
def test_avif_looks_like_the_picture():
    spec = {"card": {"width": 400, "height": 400, "formats": ["avif", "jpeg"]}}
    shown = opened(one(rendered(encoded(scene(), "PNG"), spec), "card", "avif"))
    assert shown.format == "AVIF"
    assert difference(shown, scene()) < 4


def test_each_rendition_tells_the_hash_of_what_it_was_made_by():
    given = {"small": (60, 60), "card": {"width": 50, "height": 50, "mode": "cover"}}
    for each in rendered(encoded(scene(), "PNG"), given, (0.3, 0.7)).renditions:
        assert each.spec_hash == declared(each.name, given[each.name]).hash(each.format, (0.3, 0.7))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_the_placeholder_is_a_tiny_preview_in_a_few_bytes(mode: str):
    placeholder = rendered(encoded(scene(600, 450).effect_spread(40).convert(mode), "PNG")).placeholder
    assert len(placeholder) <= 500
    start = "data:image/webp;base64,"
    assert placeholder.startswith(start)
    preview = Image.open(BytesIO(b64decode(placeholder.removeprefix(start))))
    assert preview.width / preview.height == pytest.approx(4 / 3)
    assert difference(preview.convert("RGB"), scene().convert(mode).convert("RGB")) < 30


def test_a_photo_is_decoded_once_for_all_its_sizes(monkeypatch):
    decoders = []
    getdecoder = Image._getdecoder
    monkeypatch.setattr(Image, "_getdecoder", lambda *args: decoders.append(args) or getdecoder(*args))
    specs = {
        "large": {"width": 900, "height": 900, "densities": [1, 2]},
        "card": {"width": 90, "height": 60, "mode": "cover"},
        "padded": {"width": 70, "height": 70, "mode": "pad"},
        "small": (50, 50),
    }
    content = encoded(scene(2000, 1500), "JPEG")
    assert len(rendered(content, specs).renditions) == 10
    assert len(decoders) == 1


def test_without_a_spec_there_is_still_a_format_a_size_and_a_placeholder():
    rendering = rendered(encoded(scene(), "JPEG"), {})
    assert (rendering.format, rendering.width, rendering.height, rendering.renditions) == ("jpeg", 400, 300, [])
    assert rendering.placeholder


def test_what_hears_of_a_rendition_may_raise():
    def interrupt(rendition):
        raise KeyError(rendition.name)

    from thumbnails.limits import Limits
    from thumbnails.rendering import render

    with pytest.raises(KeyError, match="small"):
        render(encoded(scene(), "PNG"), [declared("small", (9, 9))], MIDDLE, Limits(), interrupt)


def test_a_picture_that_needs_more_memory_than_there_is_is_refused_with_a_sentence(monkeypatch):
    def no_memory(*args):
        raise MemoryError

    monkeypatch.setattr("thumbnails.rendering.encoded", no_memory)
    with pytest.raises(UnsupportedPicture, match="memory"):
        rendered(encoded(scene(), "PNG"))
