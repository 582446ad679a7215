"""Takes an upload, by the plain form or by the page's script, which sends each file by itself."""

import logging
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from thumbnails import actions
from thumbnails.conf import Rules
from thumbnails.forms import display_name, problem_with
from thumbnails.models import Picture

logger = logging.getLogger(__name__)

NO_FILE = "No file came with the request. Upload it again."


class NotTaken(Exception):
    """The file was not kept; the message is a sentence for who uploaded it."""

    def __init__(self, reason: str, status: HTTPStatus) -> None:
        super().__init__(reason)
        self.status = status


def take(owner: Any, upload: UploadedFile) -> Picture:
    """Keep the file and enqueue its rendering. Raises NotTaken, also for what the storage raises."""
    if problem := problem_with(upload, Rules.current().limits.max_bytes):
        raise NotTaken(problem, HTTPStatus.BAD_REQUEST)
    try:
        return actions.add(owner, upload, display_name(upload))
    except Exception:
        logger.exception("An upload could not be stored.")
        again = "The file could not be stored just now. Please upload it again in a while."
        raise NotTaken(again, HTTPStatus.SERVICE_UNAVAILABLE) from None


@login_required
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """One file in the field ``file``: 202 with ``{"picture", "page"}``, as of a direct upload, or ``{"error": a
    sentence}``."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": NO_FILE}, status=HTTPStatus.BAD_REQUEST)
    try:
        picture = take(request.user, file)
    except NotTaken as reason:
        return JsonResponse({"error": str(reason)}, status=reason.status)
    return JsonResponse({"picture": str(picture.pk), "page": picture.get_absolute_url()}, status=HTTPStatus.ACCEPTED)
