"""The two requests around a direct upload, as JSON. Every error is ``{"error": "a sentence for the owner"}``.

``POST /pictures/direct`` with the form fields ``name`` and ``size`` (bytes), and the CSRF token as everywhere:

    201 {"picture": "<uuid>", "url": "https://…", "fields": {"key": "…", …}, "arrived": "/pictures/<uuid>/arrived"}
    400 the file would be refused: no size, or too large · 404 the storage takes no such uploads · 503 try later

The browser then posts multipart/form-data to ``url``: all ``fields`` in their order, and last the file as ``file``; any
2xx says it is there. Whether this way is open at all: ``direct.possible()``. Then, without fields:

``POST /pictures/<uuid>/arrived``

    202 {"picture": "<uuid>", "page": "/pictures/<uuid>/"}  also when it was said before
    404 no such picture of this owner
"""

import logging
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from thumbnails import direct
from thumbnails.conf import Rules
from thumbnails.forms import display_name, problem_with
from thumbnails.pages import own

logger = logging.getLogger(__name__)


@login_required
@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    if not direct.possible():
        return _error("This site takes uploads through its own form only.", 404)
    size = request.POST.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 16):
        return _error("Say how large the file is, in bytes.", 400)
    claimed = UploadedFile(name=request.POST.get("name", ""), size=int(size))
    if problem := problem_with(claimed, Rules.current().limits.max_bytes):
        return _error(problem, 400)
    try:
        form = direct.begin(request.user, display_name(claimed))
    except Exception:
        logger.exception("A direct upload could not be prepared.")
        return _error("The file could not be stored just now. Please upload it again in a while.", 503)
    arrived = reverse("thumbnails:arrived", args=[form.picture.pk])
    answer = {"picture": str(form.picture.pk), "url": form.url, "fields": form.fields, "arrived": arrived}
    return JsonResponse(answer, status=201)


@login_required
@require_POST
def arrived(request: HttpRequest, pk: UUID) -> JsonResponse:
    picture = own(request.user).filter(pk=pk).first()
    if picture is None:
        return _error("This picture is not there any more. Upload it again.", 404)
    direct.arrived(picture.pk)
    return JsonResponse({"picture": str(picture.pk), "page": picture.get_absolute_url()}, status=202)


def _error(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)
