"""Which part of the original is shown, and in how many pixels."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnails.layout import densities_of, formats_of, lay_out
from thumbnails.specs import Mode, Spec

MIDDLE = (0.5, 0.5)
CARD = Spec("card", 300, 200)

sides = st.integers(1, 5000)
parts = st.floats(0, 1)
specs = st.builds(
    Spec,
    name=st.just("any"),
    width=sides,
    height=sides,
    mode=st.sampled_from(Mode),
    upscale=st.booleans(),
)


@pytest.mark.parametrize(
    ("mode", "original", "size", "canvas"),
    [
        (Mode.FIT, (4000, 3000), (267, 200), (267, 200)),
        (Mode.FIT, (3000, 4000), (150, 200), (150, 200)),
        (Mode.FIT, (200, 150), (200, 150), (200, 150)),
        (Mode.COVER, (4000, 3000), (300, 200), (300, 200)),
        (Mode.COVER, (240, 300), (240, 160), (240, 160)),
        (Mode.PAD, (4000, 3000), (267, 200), (300, 200)),
        (Mode.PAD, (100, 100), (100, 100), (300, 200)),
    ],
)
def test_a_mode_decides_the_pixels(mode, original, size, canvas):
    layout = lay_out(replace(CARD, mode=mode), 1, original, MIDDLE)
    assert (layout.size, layout.canvas) == (size, canvas)


@pytest.mark.parametrize(("mode", "size"), [(Mode.FIT, (150, 200)), (Mode.COVER, (300, 200)), (Mode.PAD, (150, 200))])
def test_a_small_picture_is_enlarged_when_that_is_asked_for(mode, size):
    assert lay_out(replace(CARD, mode=mode, upscale=True), 1, (30, 40), MIDDLE).size == size


@pytest.mark.parametrize(
    ("focal", "part"),
    [
        (MIDDLE, (1500, 0, 2500, 1000)),
        ((0.0, 0.0), (0, 0, 1000, 1000)),
        ((1.0, 1.0), (3000, 0, 4000, 1000)),
        ((0.2, 0.9), (300, 0, 1300, 1000)),
    ],
)
def test_what_is_cut_away_leaves_the_focal_point_in_the_middle_where_it_can(focal, part):
    assert lay_out(Spec("square", 100, 100, Mode.COVER), 1, (4000, 1000), focal).part == part


@given(spec=specs, density=st.floats(1, 4), original=st.tuples(sides, sides), focal=st.tuples(parts, parts))
def test_whatever_is_asked_stays_inside_the_box_and_inside_the_original(spec, density, original, focal):
    layout = lay_out(spec, density, original, focal)
    left, top, right, bottom = layout.part
    assert 0 <= left < right <= original[0] + 1e-6
    assert 0 <= top < bottom <= original[1] + 1e-6
    assert 1 <= layout.size[0] <= layout.canvas[0] <= round(spec.width * density)
    assert 1 <= layout.size[1] <= layout.canvas[1] <= round(spec.height * density)
    if not spec.upscale:
        assert layout.size[0] <= original[0]
        assert layout.size[1] <= original[1]
    if spec.mode is Mode.COVER:
        assert left - 1 <= focal[0] * original[0] <= right + 1
        assert top - 1 <= focal[1] * original[1] <= bottom + 1


@pytest.mark.parametrize(
    ("original", "upscale", "densities"),
    [
        ((1200, 800), False, [1, 2, 3]),
        ((900, 600), False, [1, 2, 3]),
        ((899, 600), False, [1, 2]),
        ((100, 100), False, [1]),
        ((100, 100), True, [1, 2, 3]),
    ],
)
def test_a_density_that_the_original_cannot_fill_is_left_out(original, upscale, densities):
    spec = replace(CARD, mode=Mode.COVER, densities=(3, 1, 2), upscale=upscale)
    assert densities_of(spec, original) == densities


@given(
    spec=specs, densities=st.lists(st.floats(1, 4), min_size=1, unique=True), original=st.tuples(sides, sides)
)  # fmt: skip
def test_no_density_gives_the_pixels_of_another(spec, densities, original):
    spec = replace(spec, densities=tuple(densities))
    kept = densities_of(spec, original)
    assert kept[0] == min(densities)
    laid_out = [lay_out(spec, density, original, MIDDLE) for density in kept]
    assert len({(layout.size, layout.canvas) for layout in laid_out}) == len(kept)


@pytest.mark.parametrize(
    ("formats", "transparent", "animated", "written"),
    [
        (("avif", "webp", "jpeg"), False, False, ("avif", "webp", "jpeg")),
        (("avif", "webp", "jpeg"), True, False, ("avif", "webp", "png")),
        (("png", "jpeg"), True, False, ("png",)),
        (("avif", "webp", "jpeg"), False, True, ("webp", "gif")),
        (("avif", "jpeg"), True, True, ("gif",)),
        (("avif", "webp"), True, True, ("webp",)),
    ],
)
def test_the_formats_are_those_that_can_show_the_picture(formats, transparent, animated, written):
    assert formats_of(replace(CARD, formats=formats), transparent=transparent, animated=animated) == written


def test_what_is_flattened_or_padded_needs_no_png():
    for spec in (replace(CARD, flatten=True), replace(CARD, mode=Mode.PAD)):
        assert formats_of(spec, transparent=True, animated=False) == ("webp", "jpeg")
