"""System checks: the problem in ``msg``, the cure in ``hint``."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.files.storage import FileSystemStorage, storages

from thumbnails.conf import problems


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
