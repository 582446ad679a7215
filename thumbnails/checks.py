"""System checks: the problem in ``msg``, the cure in ``hint``."""

import os
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.files.storage import FileSystemStorage, storages

from thumbnails.conf import Rules, problems
from thumbnails.decoding.apart import TRIES

FOR_STORAGE = 60
"""Seconds of a job's time that are not for rendering."""


@checks.register
def setting_is_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    given = getattr(settings, "THUMBNAILS", None)
    return [checks.Error(problem, hint=cure, id="thumbnails.E001") for problem, cure in problems(given)]


@checks.register(deploy=True)
def web_and_worker_see_the_same_files(**kwargs: Any) -> list[checks.CheckMessage]:
    if settings.DEBUG or settings.SHARED_MEDIA or not isinstance(storages["default"], FileSystemStorage):
        return []
    return [
        checks.Error(
            "Uploads are kept on the local disk, which a worker elsewhere does not see.",
            hint="Set S3_BUCKET (and S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_ENDPOINT_URL, S3_REGION as needed), "
            "or SHARED_MEDIA=1 when web and worker share MEDIA_ROOT.",
            id="thumbnails.E002",
        )
    ]


@checks.register
def a_picture_ends_before_its_job_times_out(**kwargs: Any) -> list[checks.CheckMessage]:
    from thumbnails.tasks import TIMEOUT

    if setting_is_sound():
        return []
    seconds, most = Rules.current().limits.max_seconds, (TIMEOUT - FOR_STORAGE) // TRIES
    if seconds <= most:
        return []
    return [
        checks.Error(
            f"THUMBNAILS['MAX_SECONDS'] is {seconds}, and a job has {TIMEOUT} s for {TRIES} tries and the storage.",
            hint=f"Set it to at most {most}.",
            id="thumbnails.E003",
        )
    ]


@checks.register
def decoders_can_be_shut_in(**kwargs: Any) -> list[checks.CheckMessage]:
    return platform_problems(os.name)


def platform_problems(system: str) -> list[checks.CheckMessage]:
    """There is no other way to decode: in the worker itself a hostile picture would have its secrets."""
    if system == "posix":
        return []
    return [
        checks.Error(
            "Pictures are decoded in processes whose memory and files are limited, which this system does not offer.",
            hint="Run it on Linux or macOS: in a container, a virtual machine, or WSL.",
            id="thumbnails.E004",
        )
    ]
