"""What moves keeps moving, within the limits."""

import pytest
from PIL import Image, ImageDraw

from tests.thumbnails.samples import difference, encoded, exif, one, opened, pixel, rendered, scene, turned
from thumbnails.rendering import Rendering

COLOURS = ["blue", "red", "green", "yellow"]
DURATIONS = [100, 200, 50, 300]


def moving(format: str, *frames: Image.Image, **options) -> bytes:
    options = {"duration": DURATIONS[: len(frames)], "loop": 0} | options
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)


def plain(size: tuple[int, int] = (80, 60)) -> list[Image.Image]:
    return [Image.new("RGB", size, colour) for colour in COLOURS]


def spot(at: int) -> Image.Image:
    """A red disc on nothing."""
    image = Image.new("RGBA", (80, 60))
    ImageDraw.Draw(image).ellipse((at, 20, at + 20, 40), "red")
    return image


def frames(rendering: Rendering, format: str, name: str = "small") -> list[tuple[Image.Image, int]]:
    image = opened(one(rendering, name, format))
    shown = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        image.load()
        shown.append((image.convert("RGBA"), int(image.info.get("duration", 0))))
    return shown


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
def test_an_animation_moves_in_webp_and_in_gif(source: str):
    rendering = rendered(moving(source, *plain()))
    assert (rendering.format, rendering.frames) == (source.lower(), 4)
    assert {each.format for each in rendering.renditions} == {"webp", "gif"}
    for format in ("webp", "gif"):
        shown = frames(rendering, format)
        assert [duration for _, duration in shown] == DURATIONS
        for (frame, _), colour in zip(shown, COLOURS, strict=True):
            assert frame.size == (60, 45)
            assert difference(frame.convert("RGB"), Image.new("RGB", frame.size, colour)) < 6


@pytest.mark.parametrize("format", ["webp", "gif"])
def test_what_is_transparent_leaves_no_traces_behind(format: str):
    content = moving("WEBP", spot(0), spot(30), spot(60), lossless=True)
    shown = [frame for frame, _ in frames(rendered(content, {"small": (80, 60)}), format)]
    assert [pixel(frame, 10, 30)[3] > 128 for frame in shown] == [True, False, False]
    assert [pixel(frame, 40, 30)[3] > 128 for frame in shown] == [False, True, False]
    assert all(pixel(frame, 10, 5)[3] == 0 for frame in shown)


def test_what_is_transparent_only_later_is_so_then():
    rendering = rendered(moving("WEBP", Image.new("RGBA", (80, 60), "blue"), spot(30), lossless=True))
    (opaque, _), (clear, _) = frames(rendering, "webp")
    assert pixel(opaque, 5, 5)[3] == 255
    assert pixel(clear, 5, 5)[3] == 0
    # Pillow would clear the first frame to a colour, browsers clear it: so what is written counts, not what is read.
    controls = [part[0] for part in one(rendering, "small", "gif").content.split(b"\x21\xf9\x04")[1:]]
    assert [control >> 2 & 7 for control in controls] == [2, 2]
    assert controls[1] & 1


@pytest.mark.parametrize(("format", "loops"), [("GIF", {1: None, 3: 2, 0: 0}), ("WEBP", {1: 1, 3: 3, 0: 0})])
def test_it_is_played_as_often_as_before(format: str, loops: dict[int, int | None]):
    for plays, told in loops.items():
        rendering = rendered(moving(format, *plain(), loop=told))
        assert opened(one(rendering, "small", "webp")).info["loop"] == plays
        assert opened(one(rendering, "small", "gif")).info.get("loop") == {1: None, 3: 2, 0: 0}[plays]


def test_frames_without_a_time_are_shown_as_browsers_show_them():
    shown = frames(rendered(moving("GIF", *plain(), duration=0)), "webp")
    assert [duration for _, duration in shown] == [100] * 4


def test_every_frame_is_turned_upright_cut_and_padded():
    upright = [scene(120, 80), scene(120, 80).rotate(180)]
    content = moving("WEBP", *(turned(frame, 6) for frame in upright), exif=exif(6), quality=95)
    specs = {
        "whole": (120, 120),
        "card": {"width": 40, "height": 40, "mode": "cover"},
        "padded": {"width": 60, "height": 60, "mode": "pad"},
    }
    rendering = rendered(content, specs)
    assert (rendering.width, rendering.height) == (120, 80)
    for name, size in (("whole", (120, 80)), ("card", (40, 40)), ("padded", (60, 60))):
        assert [frame.size for frame, _ in frames(rendering, "webp", name)] == [size] * 2
    for (frame, _), expected in zip(frames(rendering, "webp", "whole"), upright, strict=True):
        assert difference(frame.convert("RGB"), expected) < 6


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
@pytest.mark.parametrize("limits", [{"max_frames": 3}, {"max_pixels": 4 * 80 * 60 - 1}, {"max_frames": 1}])
def test_one_with_too_many_frames_stands_still(source: str, limits: dict[str, int]):
    rendering = rendered(moving(source, *plain()), **limits)  # type: ignore[arg-type]
    assert rendering.frames == 1
    assert {each.format for each in rendering.renditions} == {"webp", "jpeg"}
    assert difference(opened(one(rendering, "small", "jpeg")), Image.new("RGB", (60, 45), "blue")) < 6


def test_as_many_frames_as_allowed_move():
    assert rendered(moving("GIF", *plain()), max_frames=4, max_pixels=4 * 80 * 60).frames == 4


def test_one_that_would_be_enlarged_beyond_the_limit_stands_still():
    spec = {"large": {"width": 800, "height": 800, "upscale": True}}
    assert rendered(moving("GIF", *plain()), spec, max_pixels=1_000_000).frames == 1


def test_a_frame_that_outgrows_the_first_leaves_that_standing():
    content = moving("GIF", *plain())
    second = content.index(b"\x2c", content.index(b"\x2c") + 1)
    while content[second : second + 5] != b"\x2c\0\0\0\0":
        second = content.index(b"\x2c", second + 1)
    grown = content[: second + 5] + b"\x00\x10\x00\x10" + content[second + 9 :]
    assert rendered(grown).frames == 1


def test_nothing_that_moves_is_shown_in_a_format_that_stands_still():
    spec = {"small": {"width": 40, "height": 40, "formats": ["avif", "webp", "jpeg"]}}
    assert [each.format for each in rendered(moving("GIF", *plain()), spec).renditions] == ["webp", "gif"]


def test_an_apng_and_an_avif_sequence_show_their_first_frame():
    for format in ("PNG", "AVIF"):
        options = {} if format == "AVIF" else {"loop": 0}
        content = encoded(plain()[0], format, save_all=True, append_images=plain()[1:], duration=100, **options)
        rendering = rendered(content)
        assert rendering.frames == 1
        assert difference(opened(one(rendering, "small", "jpeg")), Image.new("RGB", (60, 45), "blue")) < 6
