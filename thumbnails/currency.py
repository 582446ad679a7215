"""Which renditions a picture ought to have, and which of them it has: pure, told by content and hashes alone."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from thumbnails.layout import densities_of, formats_of
from thumbnails.models import Rendition
from thumbnails.rendering import Rendering
from thumbnails.specs import Spec


@dataclass(frozen=True)
class Told:
    """What is known of a content once it was decoded."""

    format: str
    width: int
    height: int
    frames: int
    placeholder: str

    @classmethod
    def by(cls, rendering: Rendering) -> "Told":
        return cls(rendering.format, rendering.width, rendering.height, rendering.frames, rendering.placeholder)


@dataclass(frozen=True)
class Pixels:
    """What tells the pixels of one rendition of a content apart from all others of it, whatever its spec is called."""

    spec_hash: str
    format: str
    density: float

    @classmethod
    def of(cls, rendition: Rendition) -> "Pixels":
        return cls(rendition.spec_hash, rendition.format, rendition.density)


def found_whole(
    spec: Spec, told: Told, focal: tuple[float, float], there: Collection[Pixels]
) -> tuple[Pixels, ...] | None:
    """All that the spec makes of such a content, when all of it is ``there``."""
    return next((made for made in _made_of(spec, told, focal) if all(each in there for each in made)), None)


def whole(
    wanted: Iterable[Spec], told: Told | None, focal: tuple[float, float], renditions: Iterable[Rendition]
) -> dict[str, list[Rendition]]:
    """The specs that lack nothing, by name, with what they made. Every other one is to be rendered, and every rendition
    that is not here is outdated. ``told``: None for a picture never rendered."""
    found: dict[str, list[Rendition]] = {}
    if told is None:
        return found
    there: dict[str, dict[Pixels, Rendition]] = {}
    for each in renditions:
        there.setdefault(each.name, {})[Pixels.of(each)] = each
    for spec in wanted:
        has = there.get(spec.name, {})
        if pixels := found_whole(spec, told, focal, has):
            found[spec.name] = [has[each] for each in pixels]
    return found


def _made_of(spec: Spec, told: Told, focal: tuple[float, float]) -> Iterator[tuple[Pixels, ...]]:
    """Of a still picture it is not kept whether something in it is transparent, so both answers count."""
    densities = densities_of(spec, (told.width, told.height))
    for transparent in (False,) if told.frames > 1 else (False, True):
        formats = formats_of(spec, transparent=transparent, animated=told.frames > 1)
        yield tuple(Pixels(spec.hash(format, focal), format, density) for format in formats for density in densities)
