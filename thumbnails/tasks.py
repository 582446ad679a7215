"""The work on the queue ``thumbnailer``."""

from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from thumbnails import files
from thumbnails.conf import Rules
from thumbnails.models import EXTENSIONS, Picture, Rendition
from thumbnails.rendering import Rendered, Rendering, UnsupportedPicture, render
from workers import Discard, task


@task(queue_name="thumbnailer", max_attempts=5, timeout=120)
def make_thumbnails(picture_id: str) -> None:
    """Render every size of the picture, once: a second run of a rendered picture does nothing.

    Discards a picture that cannot be rendered, after writing the reason on its row. What the storage raises passes
    through, and is tried again.
    """
    picture = Picture.objects.filter(pk=UUID(picture_id), rendered_at=None).first()
    if picture is None:
        return  # rendered before, or deleted meanwhile
    rules = Rules.current()
    with default_storage.open(str(picture.original)) as original:
        # One more than accepted is enough to refuse it.
        content = original.read(rules.max_bytes + 1)
    try:
        rendering = render(content, rules.sizes, max_bytes=rules.max_bytes, max_pixels=rules.max_pixels)
    except UnsupportedPicture as refusal:
        Picture.objects.filter(pk=picture.pk, rendered_at=None).update(error=str(refusal))
        raise Discard(str(refusal)) from refusal
    _keep(picture.pk, rendering)


def _keep(picture_id: UUID, rendering: Rendering) -> None:
    """First the files, then all rows at once. Files that no row came to name are removed again, whether another run
    was faster, the picture is gone, or anything failed on the way."""
    stored: dict[str, Rendered] = {}
    try:
        for rendered in rendering.renditions:
            extension = "." + EXTENSIONS.get(rendered.format, rendered.format)
            stored[files.store("renditions", ContentFile(rendered.content), extension)] = rendered
        _record(picture_id, rendering, stored)
    finally:
        files.remove_unrecorded(stored)


@transaction.atomic
def _record(picture_id: UUID, rendering: Rendering, stored: dict[str, Rendered]) -> None:
    # Locked, so that of two runs one is first, and a deletion sees all renditions or none.
    if not Picture.objects.select_for_update().filter(pk=picture_id, rendered_at=None).exists():
        return
    Rendition.objects.filter(picture=picture_id).delete()
    Rendition.objects.bulk_create(
        Rendition(
            picture_id=picture_id,
            name=rendered.name,
            format=rendered.format,
            file=name,
            width=rendered.width,
            height=rendered.height,
            bytes=len(rendered.content),
        )
        for name, rendered in stored.items()
    )
    Picture.objects.filter(pk=picture_id).update(
        format=rendering.format, width=rendering.width, height=rendering.height, error="", rendered_at=Now()
    )
