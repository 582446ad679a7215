"""This project's task, as a worker runs it: from the original in storage to files in storage and rows."""

from pathlib import Path
from typing import Any, cast


def prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make(photo: Path, format: str) -> list[int]:
    from django.core.files import File

    from thumbnails.files import store
    from thumbnails.models import Picture
    from thumbnails.tasks import make_thumbnails
    from workers.context import TaskContext

    with photo.open("rb") as file:
        picture = Picture.objects.create(
            name=photo.name, bytes=photo.stat().st_size, original=store("originals", File(file))
        )
    # Without a handle to a job its progress goes nowhere.
    make_thumbnails.call(TaskContext(task_result=cast(Any, None)), str(picture.pk))
    return [rendition.bytes for rendition in picture.renditions.all()]
