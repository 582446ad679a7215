"""Uploads that go from the browser to the bucket, past the web process, by a presigned POST.

The row comes first, without bytes and without a job; a form signed for its one name lets the browser put the file
there; then ``arrived`` enqueues the rendering, and the worker looks at what really came.

Weakness: for as long as the form is valid, its holder can put another file under the same name. It is his own picture,
bounded in size by the form; what was rendered before stays. A service that does not enforce the form's conditions
keeps whatever size it is sent until the worker refuses it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from thumbnails.actions import enqueue
from thumbnails.conf import Rules
from thumbnails.models import Picture

SIGNED_FOR = 600
"""Seconds in which the upload must begin."""
KEPT = timedelta(days=1)
SWEPT_ON_THE_WAY = 3
"""Faster than they come to be, and few enough for a request to wait when the bucket does not answer."""
SWEPT_AT_ONCE = 20


@dataclass(frozen=True)
class Form:
    """Where the browser posts the file (multipart/form-data): all ``fields`` first, then ``file``."""

    picture: Picture
    url: str
    fields: dict[str, str]


def possible() -> bool:
    """Whether the storage takes uploads from browsers: a bucket does, when the setting says that it lets this site's
    pages in (CORS); a local disk does not."""
    asked = getattr(settings, "DIRECT_UPLOADS", False)
    return asked and hasattr(default_storage, "bucket_name") and hasattr(default_storage, "connection")


def begin(owner: Any, name: str) -> Form:
    """A row for a file still to come, and the form that lets it come. Raises what signing raises; then no row."""
    sweep(SWEPT_ON_THE_WAY)
    key = f"originals/{uuid4().hex}"
    signed = _signed(key, Rules.current().limits.max_bytes)
    picture = Picture.objects.create(owner=owner, name=name, original=key, bytes=0)
    return Form(picture, signed["url"], signed["fields"])


@transaction.atomic
def arrived(picture_id: UUID) -> bool:
    """Enqueue the rendering of what the browser says it has put there; False: it was enqueued before.

    Nothing is asked of the bucket here: the worker finds out, and waits when the bucket does not answer.
    """
    picture = awaited().select_for_update().filter(pk=picture_id).first()
    if picture is None:
        return False
    picture.job_id = enqueue(picture)
    picture.save(update_fields=["job"])
    return True


def awaited() -> "QuerySet[Picture]":
    """Pictures whose file nobody has said to be there."""
    return Picture.objects.filter(bytes=0, job=None, rendered_at=None, error="", field="")


def sweep(most: int = SWEPT_AT_ONCE) -> int:
    """Remove rows, with their files, whose upload began more than a day ago and was never completed; 0: none are left.
    Rows that somebody else is removing at this moment are left to him."""
    cutoff = timezone.now() - KEPT
    with transaction.atomic():
        late = awaited().select_for_update(skip_locked=True).filter(created_at__lt=cutoff).order_by("pk")[:most]
        gone, _ = Picture.objects.filter(pk__in=[picture.pk for picture in late]).delete()
    return gone


def _signed(key: str, max_bytes: int) -> dict[str, Any]:
    storage: Any = default_storage
    # A type that no browser runs, whatever is in the file.
    kind = {"Content-Type": "application/octet-stream"}
    return storage.connection.meta.client.generate_presigned_post(
        storage.bucket_name,
        storage._normalize_name(key),
        Fields=kind,
        Conditions=[kind, ["content-length-range", 1, max_bytes]],
        ExpiresIn=SIGNED_FOR,
    )
