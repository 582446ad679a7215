"""Writes what was made of a picture: first the files, then all rows at once, or none."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.functions import Now

from thumbnails import currency, files, sharing
from thumbnails.currency import Told
from thumbnails.models import EXTENSIONS, Picture, Rendition
from thumbnails.naming import RENDITIONS
from thumbnails.rendering import Rendered
from thumbnails.sharing import NOTHING, Shared, told_of
from thumbnails.specs import Spec


@dataclass(frozen=True)
class Making:
    """One run for one picture: ``of`` as it was read, the content it had, and what it lacked."""

    of: Picture
    wanted: tuple[Spec, ...]
    digest: str
    bytes: int
    lacking: tuple[Spec, ...]
    shared: Shared = NOTHING
    told: Told | None = None
    rendered: Sequence[Rendered] = ()

    @property
    def to_render(self) -> list[Spec]:
        return [spec for spec in self.lacking if spec.name not in self.shared.specs]


def begin(picture: Picture, wanted: tuple[Spec, ...], content: bytes) -> Making:
    digest = hashlib.sha256(content).hexdigest()
    kept = _whole(picture, wanted, digest, told_of(picture))
    lacking = tuple(spec for spec in wanted if spec.name not in kept)
    return Making(picture, wanted, digest, len(content), lacking)


def lacking(picture: Picture, wanted: Iterable[Spec]) -> set[str]:
    """The names of the specs of which something is missing or outdated. Reads the renditions, no content."""
    return {spec.name for spec in wanted} - _whole(picture, wanted, picture.digest, told_of(picture)).keys()


def is_complete(picture: Picture, wanted: Iterable[Spec]) -> bool:
    """Whether every spec has all its renditions, and no rendition is left over."""
    kept = _whole(picture, wanted, picture.digest, told_of(picture))
    return kept.keys() == {spec.name for spec in wanted} and not _outdated(picture, kept)


def keep(making: Making, on_stored: Callable[[Rendered], None] = lambda rendered: None) -> None:
    """Files that no row came to name are removed again, whether another run was faster, the picture is gone or has
    changed, or anything failed on the way. Raises SourceGone when nothing was written because what was to be shared
    is gone, and what the storage raises."""
    stored: dict[str, Rendered] = {}
    try:
        for rendered in making.rendered:
            extension = "." + EXTENSIONS.get(rendered.format, rendered.format)
            stored[files.store(RENDITIONS, ContentFile(rendered.content), extension)] = rendered
            on_stored(rendered)
        _record(making, stored)
    finally:
        files.remove_unrecorded(stored)


def _whole(picture: Picture, wanted: Iterable[Spec], digest: str, told: Told | None) -> dict[str, list[Rendition]]:
    """The specs that need no run: see ``currency``. None do when the original has another content than was rendered."""
    if told is None or picture.digest != digest:
        return {}
    return currency.whole(wanted, told, picture.focal, picture.renditions.all())


@transaction.atomic
def _record(making: Making, stored: dict[str, Rendered]) -> None:
    # Before the picture itself, because whoever deletes an account begins with the renditions, too.
    sources = sharing.locked(making.shared.sources)
    # Locked, so that of two runs one is first, and a deletion sees all renditions or none.
    picture = Picture.objects.select_for_update().filter(pk=making.of.pk).first()
    if picture is None or (str(picture.original), picture.focal) != (str(making.of.original), making.of.focal):
        return  # whoever changed it has enqueued the next run
    kept = _whole(picture, making.wanted, making.digest, making.told)
    made = [each for each in _copies(picture, sources) + _rows(picture, stored) if each.name not in kept]
    outdated = _outdated(picture, kept)
    if making.told is None or not (made or outdated):
        return
    Rendition.objects.filter(pk__in=outdated).delete()
    Rendition.objects.bulk_create(made)
    Picture.objects.filter(pk=picture.pk).update(
        **asdict(making.told), digest=making.digest, bytes=making.bytes, error="", rendered_at=Now()
    )


def _outdated(picture: Picture, kept: Mapping[str, list[Rendition]]) -> set[int]:
    return {each.pk for each in picture.renditions.all()} - {each.pk for rows in kept.values() for each in rows}


def _copies(picture: Picture, sources: Iterable[tuple[str, Rendition]]) -> list[Rendition]:
    """Each as a row of this picture that names the same file."""
    return [
        Rendition(
            picture=picture,
            name=name,
            format=source.format,
            density=source.density,
            spec_hash=source.spec_hash,
            file=str(source.file),
            width=source.width,
            height=source.height,
            bytes=source.bytes,
        )
        for name, source in sources
    ]


def _rows(picture: Picture, stored: dict[str, Rendered]) -> list[Rendition]:
    return [
        Rendition(
            picture=picture,
            name=rendered.name,
            format=rendered.format,
            density=rendered.density,
            spec_hash=rendered.spec_hash,
            file=name,
            width=rendered.width,
            height=rendered.height,
            bytes=len(rendered.content),
        )
        for name, rendered in stored.items()
    ]
