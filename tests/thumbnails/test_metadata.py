"""Nothing that an uploader did not mean to show leaves with a rendition: read in the bytes, whatever they call it."""

import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.thumbnails.samples import encoded, exif, opened, png_chunk, rendered, scene, swapped_profile

SECRET = "51.4778N home"
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
SPECS = {
    name: {"width": 60, "height": 60, "formats": formats}
    for name, formats in {"one": ["avif", "webp", "jpeg"], "two": ["webp", "png"]}.items()
}
# What marks metadata, in the formats that are written.
MARKS = [
    SECRET.encode(), SECRET.encode("utf-16-le"), b"Exif", b"EXIF", b"http://ns.adobe.com", b"xmpmeta", b"XMP", b"ICC",
    b"Photoshop", b"iTXt", b"tEXt", b"zTXt", b"eXIf", b"iCCP", b"tIME", b"Creator",
]  # fmt: skip


def told(format: str) -> dict[str, Any]:
    tags = exif(ImageDescription=SECRET, Artist=SECRET)
    tags.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 40.0), 29: SECRET})
    if format == "GIF":
        return {"comment": SECRET}
    options: dict[str, Any] = {"exif": tags, "icc_profile": swapped_profile()}
    if format in ("JPEG", "WEBP"):
        options["xmp"] = XMP
    if format == "JPEG":
        options["comment"] = SECRET
    if format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", SECRET)
        options["pnginfo"].add_itxt("Author", SECRET, lang="en")
    return options


def assert_nothing_is_told(content: bytes) -> None:
    renditions = rendered(content, SPECS).renditions
    assert renditions
    for rendition in renditions:
        found = [mark for mark in MARKS if mark in rendition.content and mark != b"Exif"]
        assert not found, (rendition.name, rendition.format)
        image = opened(rendition)
        assert not dict(image.getexif())
        assert not image.info.keys() & {"exif", "xmp", "icc_profile", "comment", "photoshop", "XML:com.adobe.xmp"}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_no_metadata_leaves_a_still_picture(format: str):
    content = encoded(scene(), format, **told(format))
    assert SECRET.encode() in content
    assert_nothing_is_told(content)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16"])
def test_none_leaves_a_png_of_another_mode(mode: str):
    image = Image.new(mode, (80, 60), 3) if mode == "I;16" else scene(80, 60).convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(100)
    content = encoded(image, "PNG", **(told("PNG") | {"icc_profile": None}))
    assert_nothing_is_told(content)


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_none_leaves_an_animation(format: str):
    frames = [scene(80, 60), scene(80, 60).rotate(180)]
    content = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=100, **told(format))
    assert SECRET.encode() in content
    assert rendered(content, SPECS).frames == 2
    assert_nothing_is_told(content)


def test_none_leaves_that_stands_after_the_pixels():
    plain = encoded(scene(), "PNG")
    comment = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET.encode()))
    assert_nothing_is_told(plain[:-12] + comment + plain[-12:] + SECRET.encode())
    assert_nothing_is_told(encoded(scene(), "JPEG") + SECRET.encode())
