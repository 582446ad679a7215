"""The pages of an owner's pictures. Whose it is not, for him it does not exist."""

import logging
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from thumbnails import actions
from thumbnails.conf import Rules
from thumbnails.forms import MOST_FILES, UploadForm, display_name, problem_with
from thumbnails.models import Picture, Rendition
from thumbnails.serving import serve

logger = logging.getLogger(__name__)
PER_PAGE = 24


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def picture_list(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        _take(request, form)
        return redirect("thumbnails:list")
    own = Picture.objects.filter(owner=request.user.pk).with_state().prefetch_related("renditions")
    page = Paginator(own, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "pending": any(picture.state.is_pending for picture in page),
        "max_bytes": Rules.current().max_bytes,
        "most_files": MOST_FILES,
    }
    return render(request, "thumbnails/list.html", context, status=400 if form.errors else 200)


def _take(request: HttpRequest, form: UploadForm) -> None:
    """Each file by itself: one that is refused, or that the storage refuses, keeps no other from being taken."""
    taken = 0
    for upload in form.cleaned_data["pictures"]:
        name = display_name(upload)
        problem = problem_with(upload, Rules.current().max_bytes)
        if problem is None:
            try:
                actions.add(request.user, upload, name)
            except Exception:
                logger.exception("An upload could not be stored.")
                problem = "The file could not be stored just now. Please upload it again in a while."
        if problem is None:
            taken += 1
        else:
            messages.error(request, f"{name}: {problem}")
    if taken:
        what = "picture is" if taken == 1 else "pictures are"
        messages.success(request, f"{taken} {what} uploaded and waiting for the worker.")


@login_required
@require_safe
def picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "thumbnails/picture.html", {"picture": _own(request, pk)})


@login_required
@require_safe
def original(request: HttpRequest, pk: UUID) -> HttpResponse:
    own = _own(request, pk)
    return serve(str(own.original), content_type=own.content_type, filename=own.download_name(), download=True)


@login_required
@require_safe
def rendition(request: HttpRequest, pk: UUID, name: str, format: str) -> HttpResponse:
    own = _own(request, pk)
    found = get_object_or_404(Rendition, picture=own, name=name, format=format)
    filename = own.download_name(name, format)
    return serve(str(found.file), content_type=found.content_type, filename=filename, download=False)


@login_required
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    own = _own(request, pk)
    if actions.try_again(own.pk):
        messages.success(request, f"{own.name} is waiting for the worker again.")
    else:
        messages.info(request, f"{own.name} is not waiting to be tried again.")
    return redirect(own)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    own = _own(request, pk)
    actions.remove(own.pk)
    messages.success(request, f"{own.name} and its thumbnails are deleted.")
    return redirect("thumbnails:list")


def _own(request: HttpRequest, pk: UUID) -> Picture:
    return get_object_or_404(Picture.objects.filter(owner=request.user.pk).with_state(), pk=pk)
