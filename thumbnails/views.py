"""The pages of an owner's pictures. Whose it is not, for him it does not exist."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from thumbnails import direct
from thumbnails.conf import Rules
from thumbnails.forms import MOST_FILES, UploadForm, display_name
from thumbnails.models import Picture
from thumbnails.pages import details, gallery, own
from thumbnails.row_actions import ACTIONS, NotDone
from thumbnails.serving import serve
from thumbnails.uploading import NotTaken, take


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def picture_list(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        _take(request, form)
        return redirect("thumbnails:list")
    context = gallery(request.user, request.GET.get("page")) | {
        "form": form,
        "max_bytes": Rules.current().limits.max_bytes,
        "most_files": MOST_FILES,
        "direct": direct.possible(),
    }
    return render(request, "thumbnails/list.html", context, status=400 if form.errors else 200)


def _take(request: HttpRequest, form: UploadForm) -> None:
    """Each file by itself: one that is refused, or that the storage refuses, keeps no other from being taken."""
    taken = 0
    for upload in form.cleaned_data["pictures"]:
        try:
            take(request.user, upload)
            taken += 1
        except NotTaken as reason:
            messages.error(request, f"{display_name(upload)}: {reason}")
    if taken:
        what = "picture is" if taken == 1 else "pictures are"
        messages.success(request, f"{taken} {what} uploaded and waiting for the worker.")


@login_required
@require_safe
def picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "thumbnails/picture.html", details(_own(request, pk)))


@login_required
@require_safe
def original(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    found = _own(request, pk)
    return serve(str(found.original), content_type=found.content_type, filename=found.download_name(), download=True)


@login_required
@require_POST
def act(request: HttpRequest, pk: UUID, action: str) -> HttpResponse:
    """A form beside a picture; the same go over the socket where there is one (live.py)."""
    found = _own(request, pk)
    try:
        messages.success(request, ACTIONS[action](found))
    except NotDone as reason:
        messages.info(request, str(reason))
    return redirect(found)


def _own(request: HttpRequest, pk: UUID) -> Picture:
    return get_object_or_404(own(request.user).prefetch_related("renditions"), pk=pk)
