"""What an owner can do with pictures. Each is one transaction, together with the job it needs."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from thumbnails import files
from thumbnails.models import Picture
from thumbnails.tasks import make_thumbnails


def add(owner: Any, upload: UploadedFile, name: str) -> Picture:
    """Keep the upload and enqueue its rendering: both, or neither and no file. ``name`` is shown to people.

    Inside an outer transaction that rolls back later the file would stay behind; call it outside of one.
    """
    picture = Picture(owner=owner, name=name, bytes=upload.size or 0)
    stored = files.store("originals", upload)
    try:
        with transaction.atomic():
            picture.original = stored
            picture.job_id = UUID(make_thumbnails.enqueue(str(picture.pk)).id)
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
    picture.job_id = UUID(make_thumbnails.enqueue(str(picture.pk)).id)
    picture.save(update_fields=["job"])
    return True


@transaction.atomic
def remove(picture_id: UUID) -> None:
    """Remove the picture, its renditions, and every file once that is committed. A job still waiting finds nothing."""
    # Locked first, so that a rendering under way has recorded all its files or will find the picture gone.
    Picture.objects.select_for_update().get(pk=picture_id).delete()
