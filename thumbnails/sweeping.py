"""Removes what was left behind: files that no row names, uploads that never came, pictures whose row is gone.

A file is stored before its row is written, so only files older than a day are looked at: no request and no job takes
that long. What is named is asked of the database right before each batch is removed, and a file without a row cannot
come to be named again: rows are copied from rows (``sharing``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction

from thumbnails import direct, files
from thumbnails.listing import listed
from thumbnails.models import Picture
from thumbnails.naming import ORIGINALS, RENDITIONS, named
from thumbnails.registry import all_fields, field_of

KEPT = timedelta(days=1)
BATCH = 500


@dataclass(frozen=True)
class Batch:
    seen: int
    removed: int


def sweep_files(now: datetime, *, dry_run: bool = False) -> Iterator[Batch]:
    """Removes files that no row names, batch by batch. What cannot be removed is logged, and left to the next time."""
    for folder in (ORIGINALS, RENDITIONS):
        old = (name for name, written in listed(folder) if written < now - KEPT)
        while batch := list(islice(old, BATCH)):
            orphans = set(batch) - named(batch)
            if not dry_run:
                files.remove(sorted(orphans))
            yield Batch(len(batch), len(orphans))


def sweep_uploads(now: datetime, *, dry_run: bool = False) -> int:
    """Removes rows of direct uploads whose file was never said to be there; how many."""
    late = direct.awaited().filter(created_at__lt=now - direct.KEPT)
    if dry_run:
        return late.count()
    removed = 0
    while gone := direct.sweep():
        removed += gone
    return removed


def sweep_pictures(*, dry_run: bool = False) -> Iterator[int]:
    """Removes pictures of other apps' rows that are gone, or name no file any more, past their signals; yields how
    many, page by page. A field that is gone from the code may come back, so its pictures stay."""
    last = None
    while page := _after(last):
        gone = [key for each in all_fields() for key in _gone(each.label, page)]
        if gone and not dry_run:
            _remove(gone)
        yield len(gone)
        last = page[-1].pk


def _after(last: UUID | None) -> list[Picture]:
    pictures = Picture.objects.exclude(field="").order_by("pk")
    return list((pictures if last is None else pictures.filter(pk__gt=last))[:BATCH])


def _gone(label: str, page: Iterable[Picture]) -> list[UUID]:
    """Of these pictures those of this field whose row names no file."""
    kept = {each.row: each for each in page if each.field == label}
    field = next((found for each in kept.values() if (found := field_of(each))), None)
    if field is None:
        return []
    rows = field.model._base_manager.filter(pk__in=kept.keys()).exclude(**{field.attname: ""})
    there = {str(pk) for pk, file in rows.values_list("pk", field.attname) if file}
    return [each.pk for row, each in kept.items() if row not in there]


@transaction.atomic
def _remove(keys: list[UUID]) -> None:
    # As everywhere, so that a rendering under way has recorded all its files, or finds its picture gone.
    list(Picture.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    Picture.objects.filter(pk__in=keys).delete()
