"""What is in the storage, file by file and never all at once."""

import os
import posixpath
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage

Stored = tuple[str, datetime]
"""The name as rows name it, and when it was written."""


def listed(folder: str) -> Iterator[Stored]:
    """The files directly in ``folder``; none when there is no such folder. Raises what the storage raises."""
    if isinstance(default_storage, FileSystemStorage):
        yield from _on_disk(folder)
    elif hasattr(default_storage, "bucket"):
        yield from _in_bucket(default_storage, folder)
    else:
        for name in default_storage.listdir(folder)[1]:
            stored = f"{folder}/{name}"
            yield stored, default_storage.get_modified_time(stored)


def _on_disk(folder: str) -> Iterator[Stored]:
    try:
        entries = os.scandir(default_storage.path(folder))
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            try:
                if entry.is_file():
                    yield f"{folder}/{entry.name}", datetime.fromtimestamp(entry.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue  # removed while we looked


def _in_bucket(storage: Any, folder: str) -> Iterator[Stored]:
    # The names come in pages with their times; asked one by one they would be a request each.
    prefix = posixpath.join(storage.location, folder).lstrip("/") + "/"
    for found in storage.bucket.objects.filter(Prefix=prefix):
        yield f"{folder}/{found.key.removeprefix(prefix)}", found.last_modified
