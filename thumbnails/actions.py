"""What an owner can do with pictures. Each is one transaction, together with the job it needs."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from thumbnails import files
from thumbnails.models import Picture, Rendition
from thumbnails.recording import is_complete
from thumbnails.registry import specs_of
from thumbnails.tasks import make_thumbnails
from workers import steering
from workers.after_commit import after_commit
from workers.events import tell_pages_of
from workers.models import JobState


def add(owner: Any, upload: UploadedFile, name: str) -> Picture:
    """Keep the upload and enqueue its rendering: both, or neither and no file. ``name`` is shown to people.

    Inside an outer transaction that rolls back later the file would stay behind; call it outside of one.
    """
    picture = Picture(owner=owner, name=name, bytes=upload.size or 0)
    stored = files.store("originals", upload)
    try:
        with transaction.atomic():
            picture.original = stored
            picture.job_id = enqueue(picture)
            picture.save(force_insert=True)
    except BaseException:
        files.remove_unrecorded([stored])
        raise
    return picture


@transaction.atomic
def try_again(picture_id: UUID) -> bool:
    """Enqueue the rendering again; False, and nothing done, unless it had ended without one."""
    # Locked first and read after: read in the same statement, a second request would see the first one's old job.
    Picture.objects.select_for_update().get(pk=picture_id)
    picture = Picture.objects.with_state().get(pk=picture_id)
    if not picture.state.may_be_tried_again:
        return False
    picture.job_id = enqueue(picture)
    picture.save(update_fields=["job"])
    return True


@transaction.atomic
def rebuild(picture_id: UUID) -> bool:
    """Render all of the picture anew, also one that was refused: the settings may have changed. False, and nothing
    done, while a rendering is under way."""
    Picture.objects.select_for_update().get(pk=picture_id)
    picture = Picture.objects.with_state().get(pk=picture_id)
    if picture.state.is_pending:
        return False
    Rendition.objects.filter(picture=picture_id).update(spec_hash="")
    picture.error, picture.job_id = "", enqueue(picture)
    picture.save(update_fields=["error", "job"])
    return True


def cancel(picture: Picture) -> bool | None:
    """Call the rendering off, in its owner's name, or its field's. True: it never begins; False: it runs, and is asked
    to stop; None: nothing was to be called off."""
    by = picture.owner.get_username() if picture.owner else picture.field
    jobs = steering.cancel([picture.job_id], by=by) if picture.job_id else []
    return jobs[0].state == JobState.CANCELLED if jobs else None


@transaction.atomic
def focus(picture_id: UUID, x: float, y: float) -> bool:
    """Say what must stay in sight, 0 to 1 from the left and the top of the upright picture, and enqueue what that
    changes: only what a spec cuts away from. What there is stays until then. False: it was said before.

    Raises ValueError for a point outside of the picture.
    """
    # Also refuses what is no number.
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(f"({x}, {y}) lies outside of the picture: give two numbers from 0 to 1.")
    picture = Picture.objects.select_for_update().get(pk=picture_id)
    if picture.focal == (x, y):
        return False
    picture.focal_x, picture.focal_y = x, y
    # A run that began before finds the point changed and leaves nothing, so another one has to follow.
    wanted = specs_of(picture)
    if wanted is not None and not picture.error and not (picture.rendered_at and is_complete(picture, wanted)):
        picture.job_id = enqueue(picture)
    picture.save(update_fields=["focal_x", "focal_y", "job"])
    return True


@transaction.atomic
def remove(picture_id: UUID) -> None:
    """Remove the picture, its renditions, and every file once that is committed. A job still waiting finds nothing."""
    # Locked first, so that a rendering under way has recorded all its files or will find the picture gone.
    picture = Picture.objects.select_for_update().get(pk=picture_id)
    picture.delete()
    if picture.owner_id:
        after_commit(None, tell_pages_of, picture.owner_id)


def enqueue(picture: Picture) -> UUID:
    return UUID(make_thumbnails.using(owner=picture.owner_id).enqueue(str(picture.pk)).id)
