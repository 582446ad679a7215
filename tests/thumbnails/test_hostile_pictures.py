"""Whatever is uploaded ends as renditions or with its reason, and with nothing else."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.thumbnails.samples import FORMATS, encoded, exif, png, rendered, scene, swapped_profile
from thumbnails import refusals
from thumbnails.rendering import Rendering, UnsupportedPicture

VICTIMS = {
    format: encoded(
        scene(64, 48),
        format,
        **({} if format == "GIF" else {"exif": exif(6, Artist="somebody"), "icc_profile": swapped_profile()}),
    )
    for format in FORMATS
}
VICTIMS["progressive"] = encoded(scene(64, 48), "JPEG", progressive=True)
VICTIMS["palette"] = encoded(scene(64, 48).convert("P"), "PNG", transparency=3)
VICTIMS["16 bit"] = encoded(Image.new("I;16", (64, 48), 4000), "PNG")
VICTIMS["CMYK"] = encoded(scene(64, 48).convert("CMYK"), "JPEG")
VICTIMS["lossless"] = encoded(scene(64, 48).convert("RGBA"), "WEBP", lossless=True)


def outcome(content: bytes) -> Rendering | UnsupportedPicture:
    """Raises whatever render() must not raise."""
    try:
        return rendered(content, {"small": (32, 32)}, max_pixels=100_000)
    except UnsupportedPicture as refusal:
        return refusal


def reason(content: bytes, **limits: int) -> str:
    with pytest.raises(UnsupportedPicture) as refusal:
        rendered(content, **limits)  # type: ignore[arg-type]
    return str(refusal.value)


@pytest.mark.parametrize("format", ["BMP", "TIFF", "PDF", "ICO", "PPM", "TGA", "EPS", "JPEG2000"])
def test_other_formats_are_refused_whatever_pillow_can_read(format: str):
    assert reason(encoded(scene(), format)) == refusals.UNKNOWN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"8BPS\0\x01" + b"\0" * 100,
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypavif" + b"\0" * 40,
    ],
)
def test_what_is_no_picture_is_refused(content: bytes):
    assert isinstance(outcome(content), UnsupportedPicture)


def test_too_many_bytes_are_refused_unread():
    assert "at most 1 MB" in reason(b"x" * (1024 * 1024 + 1), max_bytes=1024 * 1024)


@pytest.mark.parametrize(
    "size",
    [
        (8000, 7000),  # above ours
        (10_000, 10_000),  # above what Pillow warns of
        (50_000, 50_000),  # above what Pillow refuses
        (2**31 - 1, 2**31 - 1),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]):
    small_file = png(size[0], size[1], 8, 2, b"\0" * 10_000)
    assert len(small_file) < 200
    assert "megapixels" in reason(small_file)


def test_a_bomb_is_refused_when_it_is_a_gif():
    gif = encoded(scene(40, 30), "GIF")
    assert "megapixels" in reason(gif[:6] + struct.pack("<HH", 60_000, 60_000) + gif[10:])


def test_a_limit_above_pillows_own_does_not_lift_it():
    assert "megapixels" in reason(png(10_000, 10_000, 8, 2, b""), max_pixels=10**12)


def test_a_frame_larger_than_its_animation_is_refused():
    gif = encoded(scene(40, 30), "GIF")
    at = gif.index(b"\x2c\0\0\0\0") + 5  # the frame's own width and height
    assert isinstance(outcome(gif[:at] + struct.pack("<HH", 50_000, 50_000) + gif[at + 4 :]), UnsupportedPicture)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_picture_is_rendered_before_it_is_broken(victim: str):
    assert isinstance(outcome(VICTIMS[victim]), Rendering)


@pytest.mark.parametrize("victim", VICTIMS)
def test_truncated_anywhere_it_is_rendered_or_refused(victim: str):
    content = VICTIMS[victim]
    step = max(1, len(content) // 150)
    outcomes = [outcome(content[:length]) for length in range(0, len(content), step)]
    # Before the pixels begin nothing can be shown.
    assert isinstance(outcomes[len(outcomes) // 10], UnsupportedPicture)


@pytest.mark.parametrize("victim", ["JPEG", "PNG", "progressive", "WEBP", "AVIF"])
def test_cut_in_half_it_is_refused(victim: str):
    photo = encoded(scene(400, 300).effect_spread(20), {"progressive": "JPEG"}.get(victim, victim))
    assert reason(photo[: len(photo) // 2]) in (refusals.DAMAGED, refusals.UNKNOWN)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    victim=st.sampled_from(sorted(VICTIMS)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=12),
)
def test_with_flipped_bits_it_is_rendered_or_refused(victim, flips):
    content = bytearray(VICTIMS[victim])
    for where, bit in flips:
        content[int(where * len(content))] ^= 1 << bit
    outcome(bytes(content))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    head=st.sampled_from(sorted(VICTIMS)),
    tail=st.sampled_from(sorted(VICTIMS)),
    where=st.floats(0, 1),
    junk=st.binary(max_size=200),
)
def test_spliced_from_two_it_is_rendered_or_refused(head, tail, where, junk):
    first, second = VICTIMS[head], VICTIMS[tail]
    outcome(first[: int(where * len(first))] + junk + second[int(where * len(second)) :])


def test_a_polyglot_is_only_a_picture_afterwards():
    script = b"<script>alert(document.cookie)</script>"
    for victim in ("JPEG", "GIF", "PNG"):
        made = outcome(VICTIMS[victim] + script)
        assert isinstance(made, Rendering)
        assert not any(script in each.content for each in made.renditions)
