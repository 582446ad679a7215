"""Identical uploads are decoded once: what was made of the same content by the same spec is taken over, as a row that
names the same file.

A file goes with the last row that names it (``files``). The two agree by locks: a row is copied only while it is
locked, so whoever deletes it waits for the copy to be committed, and asks afterwards whether a row names the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Min

from thumbnails.currency import Pixels, Told, found_whole
from thumbnails.models import Picture, Rendition
from thumbnails.specs import Spec


class SourceGone(Exception):
    """What was to be taken over was deleted meanwhile; make it instead."""


@dataclass(frozen=True)
class Shared:
    """``sources``: (name of the spec, key of the rendition to copy); ``told``: None when the content is new."""

    specs: frozenset[str] = frozenset()
    sources: tuple[tuple[str, int], ...] = ()
    told: Told | None = None


NOTHING = Shared()


def find(digest: str, wanted: Iterable[Spec], focal: tuple[float, float]) -> Shared:
    """Which of these specs were made before of the same content, under whatever name and of whosever picture."""
    twin = Picture.objects.filter(digest=digest).exclude(rendered_at=None).order_by("pk").first()
    told = told_of(twin) if twin else None
    if told is None:
        return NOTHING
    there = _made_of(digest, wanted, focal)
    found = {spec.name: found_whole(spec, told, focal, there.keys()) for spec in wanted}
    whole = {name: pixels for name, pixels in found.items() if pixels is not None}
    sources = tuple((name, there[each]) for name, pixels in whole.items() for each in pixels)
    return Shared(frozenset(whole), sources, told)


def locked(sources: Iterable[tuple[str, int]]) -> list[tuple[str, Rendition]]:
    """The renditions to copy, which stay until this transaction ends. Raises SourceGone."""
    pairs = list(sources)
    rows = Rendition.objects.select_for_update().filter(pk__in={pk for _, pk in pairs}).order_by("pk")
    held = {row.pk: row for row in rows}
    if len(held) < len({pk for _, pk in pairs}):
        raise SourceGone
    return [(name, held[pk]) for name, pk in pairs]


def told_of(picture: Picture) -> Told | None:
    if not (picture.width and picture.height):
        return None
    return Told(picture.format, picture.width, picture.height, picture.frames, picture.placeholder)


def _made_of(digest: str, wanted: Iterable[Spec], focal: tuple[float, float]) -> Mapping[Pixels, int]:
    """The oldest row of each, among however many pictures have this content."""
    hashes = {spec.hash(format, focal) for spec in wanted for format in {*spec.formats, "png", "gif"}}
    made = Rendition.objects.filter(picture__digest=digest, spec_hash__in=hashes).order_by()
    rows = made.values_list("spec_hash", "format", "density").annotate(oldest=Min("pk"))
    return {Pixels(spec_hash, format, density): pk for spec_hash, format, density, pk in rows}
