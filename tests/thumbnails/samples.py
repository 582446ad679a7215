"""Pictures made by the tests: a scene that tells its own orientation, and the files people and attackers send."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageMath, ImageStat

from thumbnails.declared import declared
from thumbnails.limits import Limits
from thumbnails.pixels import TURNED
from thumbnails.rendering import Rendered, Rendering, render

SPECS = {"small": (60, 60), "large": (240, 240)}
MIDDLE = (0.5, 0.5)
Focal = tuple[float, float]
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
# What brings a turned picture upright, backwards.
UNTURNED = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """Red to the right, green downwards, a blue corner top left: no turn and no mirror looks the same."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    blue = Image.new("L", (width, height))
    blue.paste(255, (0, 0, width // 3, height // 3))
    return Image.merge("RGB", (across, down, blue))


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, format, **options)
    return written.getvalue()


def turned(upright: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera stores them that says ``orientation``."""
    if orientation not in TURNED:
        return upright
    return upright.transpose(UNTURNED.get(orientation, TURNED[orientation]))


def exif(orientation: int = 1, **tags: Any) -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = orientation
    for name, value in tags.items():
        made[ExifTags.Base[name]] = value
    return made


def rendered(content: bytes, specs: Any = SPECS, focal: Focal = MIDDLE, **limits: int) -> Rendering:
    """``specs`` as the setting has them."""
    return render(content, [declared(name, spec) for name, spec in specs.items()], focal, Limits(**limits))


def one(rendering: Rendering, name: str, format: str) -> Rendered:
    (found,) = [each for each in rendering.renditions if (each.name, each.format) == (name, format)]
    return found


def opened(rendition: Rendered) -> Image.Image:
    image = Image.open(BytesIO(rendition.content))
    image.load()
    return image


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """One value for each band."""
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of all channels, 0 to 255, at the size of the first."""
    other = other.resize(one.size, Image.Resampling.LANCZOS)
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / len(one.getbands())


def likeness(one: Image.Image, other: Image.Image) -> float:
    """The structural similarity of what an eye sees first, the brightness, in blocks of 8 pixels: 1 when nothing can be
    told apart, below 0.95 when one of them is blurred, jagged or moved."""

    def mean(band: Image.Image) -> Image.Image:
        return band.reduce(8)

    def product(first: Image.Image, second: Image.Image) -> Image.Image:
        return ImageMath.lambda_eval(lambda given: given["first"] * given["second"], first=first, second=second)

    x, y = one.convert("L").convert("F"), other.convert("L").convert("F")
    likeness = ImageMath.lambda_eval(
        lambda given: (given["x"] * given["y"] * 2 + 6.5)
        * ((given["xy"] - given["x"] * given["y"]) * 2 + 58.5)
        / (given["x"] * given["x"] + given["y"] * given["y"] + 6.5)
        / (given["xx"] - given["x"] * given["x"] + given["yy"] - given["y"] * given["y"] + 58.5),
        x=mean(x), y=mean(y), xx=mean(product(x, x)), yy=mean(product(y, y)), xy=mean(product(x, y)),
    )  # fmt: skip
    return float(likeness.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))  # type: ignore[arg-type]


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG by hand, for what Pillow does not write: other depths, and dimensions without the pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged: under it, what is stored as red is seen as green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = entries[b"rXYZ"] + 4, entries[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def linear_grey_profile() -> bytes:
    """A grey profile without gamma, by hand: middle grey in it is much lighter on a screen."""
    d50 = struct.pack(">iii", 63190, 65536, 54061)
    tags = {b"wtpt": b"XYZ \0\0\0\0" + d50, b"kTRC": b"curv\0\0\0\0\0\0\0\0"}
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", at + len(data), len(body))
        data += body
    body = struct.pack(">I", len(tags)) + table + data
    header = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + d50
    return header.ljust(128, b"\0") + body
