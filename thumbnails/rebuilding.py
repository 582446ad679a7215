"""Brings pictures up to date in bulk after the specs changed: enqueues those that lack something, page by page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, prefetch_related_objects

from thumbnails.models import Picture, PictureQuerySet, Rendition
from thumbnails.recording import is_complete, lacking
from thumbnails.registry import specs_of
from thumbnails.tasks import make_thumbnails
from workers import enqueue_many
from workers.models import JobState

PRIORITY = -50
"""Whoever uploads now does not wait for it."""
PAGE = 500
PENDING = (JobState.READY, JobState.SCHEDULED, JobState.RUNNING)


@dataclass(frozen=True)
class Page:
    seen: int
    due: int


def outdate(only: Collection[str] = ()) -> Iterator[int]:
    """Makes all renditions count as outdated, or those of some specs; yields how many, page by page. What there is is
    shown until it is replaced."""
    made = Rendition.objects.exclude(spec_hash="").order_by("pk")
    if only:
        made = made.filter(name__in=only)
    last = 0
    while end := Rendition.objects.filter(pk__in=made.filter(pk__gt=last)[:PAGE]).aggregate(end=Max("pk"))["end"]:
        yield made.filter(pk__gt=last, pk__lte=end).update(spec_hash="")
        last = end


def rebuild(only: Collection[str] = (), *, everything: bool = False, dry_run: bool = False) -> Iterator[Page]:
    """Enqueue every picture that lacks something, or has something left over; nothing that waits or runs already, so
    that it can be stopped and begun again. ``only``: those that lack something of these specs.

    ``everything``: as if all were outdated, which ``outdate`` has seen to unless this is a dry run; and pictures that
    were refused, which limits of today may accept. Without it they are left alone.
    """
    last = None
    while page := list(_after(last)[:PAGE]):
        idle = [each for each in page if _may_be_due(each, refused=everything)]
        prefetch_related_objects(idle, "renditions")
        due = [each.pk for each in idle if _is_due(each, only, assume_outdated=everything and dry_run)]
        yield Page(len(page), len(due) if dry_run else _enqueue(due))
        last = page[-1].pk


def _after(last: UUID | None) -> PictureQuerySet:
    pictures = Picture.objects.annotate(job_state=F("job__state")).order_by("pk")  # type: ignore[no-redef]
    return pictures if last is None else pictures.filter(pk__gt=last)


def _may_be_due(picture: Picture, *, refused: bool) -> bool:
    """Told without a look at its renditions."""
    # A direct upload whose file nobody has said to be there.
    is_still_to_come = not (picture.bytes or picture.field or picture.job_id or picture.rendered_at)
    return picture.job_state not in PENDING and (refused or not picture.error) and not is_still_to_come


def _is_due(picture: Picture, only: Collection[str], *, assume_outdated: bool) -> bool:
    wanted = specs_of(picture)
    if wanted is None:
        return False
    if assume_outdated:
        return not only or any(spec.name in only for spec in wanted)
    if only:
        return bool(lacking(picture, wanted) & set(only))
    return not is_complete(picture, wanted)


@transaction.atomic
def _enqueue(ids: list[UUID]) -> int:
    # Locked first and read after, so that of two that rebuild at once one finds what the other has enqueued.
    list(Picture.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    due = [each for each in _after(None).filter(pk__in=ids) if each.job_state not in PENDING]
    # Without an owner: his pages show what there is, and need not follow thousands of jobs.
    jobs = enqueue_many(make_thumbnails.using(priority=PRIORITY), [((str(each.pk),), {}) for each in due])
    for picture, job in zip(due, jobs, strict=True):
        picture.job_id = UUID(job)
    Picture.objects.bulk_update(due, ["job"])
    return len(due)
