"""Keeps the picture of another app's row beside it: made, replaced and removed in the transaction of that row."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from thumbnails.actions import enqueue
from thumbnails.models import Picture, PictureQuerySet


def pictures_of(field: str, rows: Iterable[Any]) -> PictureQuerySet:
    """The pictures of these rows, ready to be shown."""
    kept = Picture.objects.filter(field=field, row__in=[str(row) for row in rows])
    return kept.with_state().prefetch_related("renditions")


@transaction.atomic
def keep(field: str, row: Any, file: Any, name: str, size: int) -> None:
    """The row names ``file`` now, or none. Another file is another picture, with addresses of its own: browsers have
    kept the old ones. Of saves at once the row's own lock makes one the first."""
    before = Picture.objects.select_for_update().filter(field=field, row=str(row)).first()
    if before is not None:
        if file and str(before.original) == file.name:
            return
        before.delete()
    if file:
        picture = picture_for(field, row, file.name, name, size)
        picture.job_id = enqueue(picture)
        picture.save(force_insert=True)


@transaction.atomic
def let_go(field: str, row: Any) -> None:
    """The row is deleted. A rendering under way has recorded all its files, or will find the picture gone."""
    if gone := Picture.objects.select_for_update().filter(field=field, row=str(row)).first():
        gone.delete()


def picture_for(field: str, row: Any, file: str, name: str, size: int = 0) -> Picture:
    """Unsaved, and without a job. The worker measures what the upload did not tell."""
    return Picture(field=field, row=str(row), original=file, name=name[:150] or "picture", bytes=size)
