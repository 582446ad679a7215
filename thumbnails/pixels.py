"""What the pixels of a picture mean: which way is up, which colours, what is transparent."""

from io import BytesIO

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageMath

TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
COLOUR_SPACE = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def orientation_of(image: Image.Image) -> int:
    """1 to 8, as EXIF counts; 1 when nothing readable is said. PNG must be loaded first: it may say so at its end."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken metadata is no reason to refuse the picture
        return 1
    return orientation if orientation in TURNED else 1


def is_on_its_side(orientation: int) -> bool:
    return orientation >= 5


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNED[orientation]) if orientation in TURNED else image


def smooth(image: Image.Image) -> Image.Image:
    """A mode that can be scaled without steps: L, RGB or CMYK, with A where something is transparent."""
    transparent = image.has_transparency_data
    if image.mode.startswith("I"):
        return _from_16_bit(image)
    if image.mode == "1":
        image = image.convert("L")
    if image.mode == "L":
        return image.convert("LA") if transparent else image
    if image.mode in ("LA", "RGBA", "CMYK"):
        return image
    if image.mode == "RGB" and not transparent:
        return image
    return image.convert("RGBA" if transparent else "RGB")


def _from_16_bit(image: Image.Image) -> Image.Image:
    grey = image.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    # Compared before the levels are merged, or the neighbours of the transparent one would vanish too.
    opaque = ImageMath.lambda_eval(
        lambda given: given["convert"]((given["levels"] != clear) * 255, "L"), levels=image.convert("I")
    )
    return Image.merge("LA", (grey, opaque))


def as_ink(image: Image.Image, *, by_adobe: bool) -> Image.Image:
    """Pillow takes every CMYK JPEG for one of Adobe's, which are inverted; one that does not say so is not."""
    return image if by_adobe else ImageChops.invert(image)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where something is transparent, without profile or any other metadata."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    if alpha is not None:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    result = _through_profile(image, profile) if profile else None
    if result is None:
        result = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        result.putalpha(alpha)
    # Pillow would write a comment found here into the rendition.
    result.info = {}
    return result


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """None when the profile cannot be read or speaks of another kind of colours: then it tells nothing."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != COLOUR_SPACE.get(image.mode):
            return None
        # Made anew each time: a profile is not shared between threads.
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:  # LittleCMS refuses in many ways, and the bytes are an uploader's
        return None


def on_background(image: Image.Image, colour: str) -> Image.Image:
    """Without transparency."""
    if image.mode != "RGBA":
        return image
    page = Image.new("RGB", image.size, colour)
    page.paste(image, mask=image.getchannel("A"))
    return page


def all_or_nothing(image: Image.Image) -> Image.Image:
    """RGBA without half transparency, for a format that knows none."""
    opaque = image.getchannel("A").point(lambda level: 255 if level >= 128 else 0)
    clear = Image.new("RGBA", image.size)
    clear.paste(image.convert("RGB"), mask=opaque)
    return clear


def on_canvas(image: Image.Image, size: tuple[int, int], colour: str) -> Image.Image:
    """In the middle of it."""
    if image.size == size:
        return image
    canvas = Image.new("RGB", size, colour)
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas
