"""What a ``<picture>`` says of the renditions there are: pure, without HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from thumbnails.models import Rendition
from thumbnails.specs import Mode, Spec

# Smaller files first: a browser takes the first that it can read.
WANTED_FIRST = ("avif", "webp", "gif", "png", "jpeg")
# Read by every browser; the first of these that is there stands in <img>.
READ_EVERYWHERE = ("jpeg", "png", "gif", "webp")
OUTLINE = "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}'/>"


@dataclass(frozen=True)
class Source:
    type: str
    srcset: str


@dataclass(frozen=True)
class Shown:
    """``width`` and ``height`` in CSS pixels; ``opaque``: nothing behind the picture shines through."""

    sources: list[Source]
    src: str
    srcset: str
    width: int
    height: int
    opaque: bool


def shown(renditions: Iterable[Rendition], names: Sequence[str], *, by_width: bool) -> Shown | None:
    """None when no rendition has one of the names. ``by_width``: told by their widths, for ``sizes`` to choose among,
    and else by their densities."""
    by_format: dict[str, list[Rendition]] = {}
    for rendition in renditions:
        if rendition.name in names:
            by_format.setdefault(rendition.format, []).append(rendition)
    fallback = next((format for format in READ_EVERYWHERE if format in by_format), None)
    if fallback is None:
        return None
    plain = min(by_format[fallback], key=lambda each: (names.index(each.name), each.density))
    return Shown(
        sources=[
            Source(f"image/{format}", _srcset(by_format[format], by_width))
            for format in WANTED_FIRST
            if format in by_format and format != fallback
        ],
        src=plain.get_absolute_url(),
        srcset=_srcset(by_format[fallback], by_width),
        width=round(plain.width / plain.density),
        height=round(plain.height / plain.density),
        opaque=fallback == "jpeg",
    )


def room(spec: Spec, original: tuple[int, int] | None) -> tuple[int, int]:
    """How much of the page a rendition of the spec will take; of an original never decoded the box is all there is to
    go by."""
    if original is None or spec.mode is not Mode.FIT:
        return spec.width, spec.height
    scale = min(spec.width / original[0], spec.height / original[1])
    if not spec.upscale:
        scale = min(scale, 1.0)
    return max(1, round(original[0] * scale)), max(1, round(original[1] * scale))


def outline(width: int, height: int) -> str:
    """An empty picture of these proportions, as a data: address."""
    return "data:image/svg+xml," + quote(OUTLINE.format(width, height), safe="/:=' ").replace(" ", "%20")


def _srcset(renditions: list[Rendition], by_width: bool) -> str:
    """Each width, or each density, once."""
    found: dict[float, str] = {}
    for each in sorted(renditions, key=lambda each: (each.width, each.density)):
        found.setdefault(each.width if by_width else each.density, each.get_absolute_url())
    return ", ".join(f"{address} {step:g}{'w' if by_width else 'x'}" for step, address in found.items())
