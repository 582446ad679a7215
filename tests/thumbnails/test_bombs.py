"""Small files that want to become large, or to take for ever: through a real decoder, as the worker meets them."""

import struct
import time
import zlib

import pytest
from PIL import Image, PngImagePlugin

from tests.thumbnails.samples import encoded, png_chunk, scene
from thumbnails.decoding.apart import render_apart, too_slow
from thumbnails.limits import Limits
from thumbnails.refusals import DAMAGED, UNKNOWN, UnsupportedPicture
from thumbnails.rendering import Rendering
from thumbnails.specs import Spec

SPECS = [Spec("small", 32, 32)]
SOUND = encoded(scene(40, 30), "PNG")
ZEROS = zlib.compress(bytes(200_000_000), 9)


def outcome(content: bytes, **limits: int) -> Rendering | str:
    try:
        return render_apart(content, SPECS, (0.5, 0.5), Limits(**limits))
    except UnsupportedPicture as refusal:
        return str(refusal)


def with_chunk(kind: bytes, body: bytes, times: int = 1) -> bytes:
    """After the header of a sound PNG."""
    return SOUND[:33] + png_chunk(kind, body) * times + SOUND[33:]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"zTXt", b"Comment\0\0" + ZEROS),
        (b"iTXt", b"Comment\0\1\0\0\0" + ZEROS),
        (b"iCCP", b"profile\0\0" + ZEROS),
        (b"eXIf", bytes(1_000_000)),
    ],
)
def test_a_chunk_that_unpacks_to_200_megabytes_is_refused_or_left_packed(kind: bytes, body: bytes):
    made = outcome(with_chunk(kind, body))
    assert isinstance(made, Rendering) or made == DAMAGED


def test_a_thousand_packed_texts_are_refused():
    text = b"Comment\0\0" + zlib.compress(bytes(900_000), 9)
    assert outcome(with_chunk(b"zTXt", text, 1000)) == DAMAGED


def test_pixels_beyond_those_the_header_tells_are_not_unpacked():
    header = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    file = SOUND[:8] + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", ZEROS) + png_chunk(b"IEND", b"")
    made = outcome(file)
    assert isinstance(made, Rendering) or made == DAMAGED


def test_a_jpeg_of_endless_scans_is_ended_in_time():
    grey = encoded(Image.new("L", (5000, 5000), 128), "JPEG", progressive=True)
    last = grey.rindex(b"\xff\xda")
    bomb = grey[:last] + grey[last:-2] * 2000 + grey[-2:]
    assert len(bomb) < Limits().max_bytes
    began = time.monotonic()
    assert outcome(bomb, max_seconds=1) == too_slow(1)
    assert time.monotonic() - began < 50


SIDES = struct.pack(">HH", 65_500, 65_500)
HEADERS = {
    "WebP, its canvas": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2,
    "WebP, lossless": b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f" + struct.pack("<I", 0x0FFFFFFF),
    "JPEG": b"\xff\xd8\xff\xc0\0\x0b\x08" + SIDES + b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0",
    "GIF": b"GIF89a" + SIDES + bytes(3) + b"\x2c" + bytes(4) + SIDES + b"\0\x08\0\x3b",
}


@pytest.mark.parametrize("canvas", HEADERS.values(), ids=HEADERS)
def test_a_header_that_tells_of_too_many_pixels_is_refused(canvas: bytes):
    said = outcome(canvas)
    assert said in (DAMAGED, UNKNOWN) or "megapixels" in str(said)


def test_a_picture_within_another_is_not_looked_for():
    hidden = encoded(scene(4000, 3000), "JPEG")
    text = PngImagePlugin.PngInfo()
    text.add(b"juNk", hidden)
    made = outcome(encoded(scene(40, 30), "PNG", pnginfo=text) + hidden)
    assert isinstance(made, Rendering)
    assert (made.format, made.width, made.height) == ("png", 40, 30)
