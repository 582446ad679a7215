"""From the bytes of an upload to its renditions. Knows no database and no storage; the bytes are hostile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from thumbnails.encoding import encoded, encoded_moving, placeholder
from thumbnails.frames import frames_of
from thumbnails.layout import Layout, Size, densities_of, formats_of, is_flattened, lay_out
from thumbnails.limits import Limits
from thumbnails.motion import Motion, plays_of
from thumbnails.pixels import on_background, on_canvas
from thumbnails.reading import open_picture
from thumbnails.refusals import DAMAGED, TOO_DEMANDING, UnsupportedPicture, too_many_bytes
from thumbnails.specs import Spec

__all__ = ["Rendered", "Rendering", "UnsupportedPicture", "render"]

Step = tuple[Spec, float, Layout]
# Enough for the placeholder when nothing else is wanted.
PREVIEW = Spec("preview", 24, 24)


@dataclass(frozen=True)
class Rendered:
    """One spec in one format and density; ``spec_hash`` as ``Spec.hash`` tells it."""

    name: str
    format: str
    density: float
    spec_hash: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Rendering:
    """``format`` is what the content turned out to be; ``width`` and ``height`` are the original's, upright;
    ``frames``: how many are shown, 1 when nothing moves; ``placeholder``: a data: address of a tiny preview."""

    format: str
    width: int
    height: int
    frames: int
    placeholder: str
    renditions: list[Rendered]


def render(
    content: bytes,
    wanted: Sequence[Spec],
    focal: tuple[float, float],
    limits: Limits,
    on_rendered: Callable[[Rendered], None] = lambda rendered: None,
) -> Rendering:
    """Every wanted spec in its formats and densities, from one decoding. ``focal``: 0 to 1, of the upright picture.

    An animated GIF or WebP stays animated, within the limits on frames and pixels, and else shows its first frame.

    ``on_rendered`` hears of each; what it raises passes through.

    Raises UnsupportedPicture, and nothing else for whatever ``content`` holds. Takes up to 19 bytes of memory for
    each pixel of the original (WebP; PNG 10, JPEG 5, a large baseline one 2; an animation 12, all frames counted), and
    as long as its decoder takes: run it where it can be ended after ``limits.max_seconds``, and not by an exception,
    which it would take for the decoder's.
    """
    if len(content) > limits.max_bytes:
        raise UnsupportedPicture(too_many_bytes(len(content), limits.max_bytes))
    with _refusing():
        opened = open_picture(content, limits)
        plan = _planned(wanted, opened.original, focal)
        largest = plan[0][2] if plan else lay_out(PREVIEW, 1, opened.original, focal)
        frames = frames_of(opened, largest, _most_frames(plan, opened.original, limits))
        transparent = frames[0].pixels.mode == "RGBA"
        motion = Motion([frame.milliseconds for frame in frames], plays_of(opened.image)) if frames[1:] else None
    renditions = []
    for spec, density, layout in plan:
        with _refusing():
            images = [_composed(spec, layout, frame.show(layout)) for frame in frames]
        for format in formats_of(spec, transparent=transparent, animated=motion is not None):
            with _refusing():
                made = encoded_moving(images, motion, format, spec) if motion else encoded(images[0], format, spec)
            renditions.append(Rendered(spec.name, format, density, spec.hash(format, focal), made, *layout.canvas))
            on_rendered(renditions[-1])
    with _refusing():
        preview = placeholder(frames[0].pixels)
    return Rendering(opened.format, *opened.original, len(frames), preview, renditions)


def _planned(wanted: Sequence[Spec], original: Size, focal: tuple[float, float]) -> list[Step]:
    """The one that keeps most of the original first, so that each can be made of the last."""
    plan = [
        (spec, density, lay_out(spec, density, original, focal))
        for spec in wanted
        for density in densities_of(spec, original)
    ]
    return sorted(plan, key=lambda step: step[2].scale, reverse=True)


def _most_frames(plan: Iterable[Step], original: Size, limits: Limits) -> int:
    """Few enough that all of them, in whatever size, stay within the pixels that one picture may have."""
    largest = max(width * height for width, height in (original, *(layout.canvas for _, _, layout in plan)))
    return min(limits.max_frames, limits.max_pixels // largest)


def _composed(spec: Spec, layout: Layout, shown: Image.Image) -> Image.Image:
    if is_flattened(spec):
        shown = on_background(shown, spec.background)
    return on_canvas(shown, layout.canvas, spec.background)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except UnsupportedPicture:
        raise
    except MemoryError as error:
        raise UnsupportedPicture(TOO_DEMANDING) from error
    except Exception as error:  # decoders meet hostile bytes with OSError, SyntaxError, struct.error, KeyError, …
        raise UnsupportedPicture(DAMAGED) from error
