"""The files behind the rows. Names are random: nothing an uploader says ends in a path."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models.signals import post_delete
from django.dispatch import receiver

from thumbnails.models import Picture, Rendition
from thumbnails.naming import named
from workers.after_commit import after_commit

logger = logging.getLogger(__name__)


def store(folder: str, content: File, extension: str = "") -> str:
    """Put ``content`` under a new random name, and return the name. Raises whatever the storage raises."""
    # S3 would keep the type the uploader claims, and hand it to browsers.
    content.content_type = None  # type: ignore[attr-defined]
    return default_storage.save(f"{folder}/{uuid4().hex}{extension}", content)


def remove(names: Iterable[str]) -> None:
    """Remove files no row names any more. What cannot be removed is logged and left: an orphan harms nobody."""
    for name in filter(None, names):
        try:
            default_storage.delete(name)
        except Exception:
            logger.warning("The file %s could not be removed and is left behind.", name, exc_info=True)


def remove_unrecorded(names: Iterable[str]) -> None:
    """Remove those of these files that no row names.

    Asked of the database and not concluded from an error, because a COMMIT whose reply was lost may have recorded
    them. When the database does not answer they stay.
    """
    names = set(filter(None, names))
    try:
        recorded = named(names) if names else set()
    except Exception:
        logger.warning("The files %s may be left behind: the database did not answer.", ", ".join(sorted(names)))
        return
    remove(names - recorded)


@receiver(post_delete, sender=Picture)
@receiver(post_delete, sender=Rendition)
def remove_after_commit(instance: Picture | Rendition, using: str, **kwargs: Any) -> None:
    """However a row goes (page, admin, with its owner), its file goes with it, once that is certain and no other row
    names it. Asked after the commit: whoever was copying the row has committed the copy by then (``sharing``)."""
    file = instance.original if isinstance(instance, Picture) else instance.file
    after_commit(using, remove_unrecorded, [str(file)])
