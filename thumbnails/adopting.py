"""Finds rows of other apps whose picture is not kept, or no longer the one they name: from before the field became a
PictureField, or written past its signals (``bulk_create``, ``QuerySet.update``, fixtures, SQL)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from thumbnails.fields import PictureField
from thumbnails.keeping import picture_for
from thumbnails.models import Picture
from thumbnails.registry import all_fields

PAGE = 500


def adopt(*, dry_run: bool = False) -> Iterator[int]:
    """Makes the pictures that are missing, without a job: ``rebuild`` enqueues them. Yields how many, page by page."""
    for field in all_fields():
        last = None
        while page := _named_after(field, last):
            yield _unkept(field, page, dry_run=dry_run)
            last = page[-1]


def _named_after(field: PictureField, last: Any) -> list[Any]:
    """The keys of the next rows that name a file."""
    rows = field.model._base_manager.exclude(**{field.attname: ""}).exclude(**{field.attname: None}).order_by("pk")
    return list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:PAGE])


@transaction.atomic
def _unkept(field: PictureField, keys: list[Any], *, dry_run: bool) -> int:
    # Locked first and read after: of a row that is saved at this moment its new file counts.
    rows = field.model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    named = {str(pk): str(file) for pk, file in rows.values_list("pk", field.attname) if file}
    kept = {each.row: each for each in Picture.objects.filter(field=field.label, row__in=named.keys())}
    missing = [row for row, file in named.items() if row not in kept or str(kept[row].original) != file]
    if not dry_run:
        Picture.objects.filter(pk__in=[kept[row].pk for row in missing if row in kept]).delete()
        shown = field.model._meta.verbose_name
        Picture.objects.bulk_create(picture_for(field.label, row, named[row], f"{shown} {row}") for row in missing)
    return len(missing)
