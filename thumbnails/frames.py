"""The frames of a picture, decoded once: upright, sRGB, no larger than needed. What does not move has one."""

from itertools import count

from PIL import Image

from thumbnails.layout import Layout, Size
from thumbnails.motion import milliseconds_of
from thumbnails.pixels import as_ink, is_on_its_side, orientation_of, smooth, to_srgb, upright
from thumbnails.reading import DRAFTED, Opened

MOVING = ("GIF", "WEBP")
# From 3 on Pillow promises what cannot be told from scaling in one step.
REDUCING_GAP = 3.0
# How much larger than wanted a JPEG is decoded at least. At 1 one sees that its decoder only averages; at 2 most photos
# would be decoded in full for a picture that fills a page, in half as much time again, and nobody sees the difference.
DRAFT_GAP = 1.5


class Frame:
    """Scaled down step by step: ask for the largest layout first. ``milliseconds``: how long it is shown."""

    def __init__(self, pixels: Image.Image, original: Size, milliseconds: int = 0) -> None:
        self.pixels, self.milliseconds, self._original = pixels, milliseconds, original

    def show(self, layout: Layout) -> Image.Image:
        """The part that the layout shows, in its size. What is returned must not be changed."""
        (width, height), (all_across, all_down) = self.pixels.size, self._original
        left, top = layout.part[0] * width / all_across, layout.part[1] * height / all_down
        right = min(layout.part[2] * width / all_across, width)
        bottom = min(layout.part[3] * height / all_down, height)
        if layout.size == (round(right - left), round(bottom - top)):
            # Half a pixel aside nobody sees; scaled by as little it would be blurred.
            x, y = min(round(left), width - layout.size[0]), min(round(top), height - layout.size[1])
            shown = self.pixels.crop((x, y, x + layout.size[0], y + layout.size[1]))
        else:
            box = left, top, right, bottom
            shown = self.pixels.resize(layout.size, Image.Resampling.LANCZOS, box, REDUCING_GAP)
        if layout.scale < 1 and layout.part == (0, 0, *self._original):
            self.pixels = shown
        return shown


def frames_of(opened: Opened, largest: Layout, most: int) -> list[Frame]:
    """As large as that layout needs, all in one mode; the first one alone when there are more than ``most``."""
    image, size = opened.image, largest.whole(opened.original)
    if image.format not in MOVING or not _may_move(image, most):
        return [Frame(_decoded(image, size), opened.original)]
    canvas, frames = image.size, list[Frame]()
    for index in count():
        try:
            image.seek(index)
        except EOFError:
            break
        # A later frame may claim more than was measured.
        if index == most or image.size != canvas:
            return frames[:1]
        image.load()
        frames.append(Frame(_decoded(image, size), opened.original, milliseconds_of(image)))
    if any(frame.pixels.mode == "RGBA" for frame in frames):
        for frame in frames:
            frame.pixels = frame.pixels.convert("RGBA")
    return frames


def _may_move(image: Image.Image, most: int) -> bool:
    # A GIF does not know how many frames it has until all were visited.
    frames = getattr(image, "n_frames", 1) if image.format == "WEBP" else most
    return most > 1 and frames <= most and getattr(image, "is_animated", False)


def _decoded(image: Image.Image, upright_size: Size) -> Image.Image:
    """Scaled before it is turned and coloured: a JPEG is then decoded near its final size, several times faster."""
    profile, orientation = image.info.get("icc_profile"), orientation_of(image)
    width, height = reversed(upright_size) if is_on_its_side(orientation) else upright_size
    drafted = None
    if image.format in DRAFTED:
        drafted = image.draft(None, (int(width * DRAFT_GAP), int(height * DRAFT_GAP)))
    # What a draft is of the original in fractions of its pixels, which it rounds up.
    box = drafted[1] if drafted else (0, 0, *image.size)
    scaled = smooth(image).resize((width, height), Image.Resampling.LANCZOS, box, REDUCING_GAP)
    if image.mode == "CMYK":
        scaled = as_ink(scaled, by_adobe="adobe" in image.info)
    return upright(to_srgb(scaled, profile), orientation)
