"""What an owner does to several of his pictures at once, and what is asked before any is deleted."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from thumbnails import actions
from thumbnails.models import Picture
from thumbnails.pages import PER_PAGE, own

NOTHING_CHOSEN = "Choose at least one picture."
TOO_MANY = f"Choose at most {PER_PAGE} pictures at a time."


@login_required
@require_POST
def chosen(request: HttpRequest) -> HttpResponse:
    """``action`` done to each ``picture``: "retry", or "delete", which asks first. Those that are gone are passed
    over, and those of others do not exist."""
    ids = list(_ids(request.POST.getlist("picture")))
    if len(ids) > PER_PAGE:
        return HttpResponseBadRequest(TOO_MANY, content_type="text/plain")
    pictures = list(own(request.user).filter(pk__in=ids))
    if not pictures:
        messages.error(request, NOTHING_CHOSEN)
        return _back(request)
    match request.POST.get("action"):
        case "retry":
            _try_again(request, pictures)
        case "delete" if "confirmed" in request.POST:
            _delete(request, pictures)
        case "delete":
            return _ask(request, pictures, reverse("thumbnails:chosen"))
        case _:
            return HttpResponseBadRequest("This page has no such action.", content_type="text/plain")
    return _back(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    picture = get_object_or_404(own(request.user), pk=pk)
    if request.method != "POST":
        return _ask(request, [picture], reverse("thumbnails:delete", args=[pk]))
    _delete(request, [picture])
    return _back(request)


def _try_again(request: HttpRequest, pictures: list[Picture]) -> None:
    again = [picture for picture in pictures if _still_there(actions.try_again, picture)]
    if again:
        messages.success(request, f"{_are(len(again))} waiting for the worker again.")
    if left := len(pictures) - len(again):
        messages.info(request, f"{_are(left)} not waiting to be tried again.")


def _delete(request: HttpRequest, pictures: list[Picture]) -> None:
    for picture in pictures:
        _still_there(actions.remove, picture)
    what = f"{pictures[0].name} and its thumbnails are" if len(pictures) == 1 else f"{_are(len(pictures))}"
    messages.success(request, f"{what} deleted.")


def _ask(request: HttpRequest, pictures: list[Picture], url: str) -> HttpResponse:
    context = {"pictures": pictures, "url": url, "page": _page(request)}
    return render(request, "thumbnails/delete.html", context)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page of the gallery that was looked at."""
    page = _page(request)
    return redirect(reverse("thumbnails:list") + (f"?page={page}" if page > 1 else ""))


def _page(request: HttpRequest) -> int:
    try:
        return int((request.POST or request.GET).get("page", "1"))
    except ValueError:
        return 1


def _ids(given: Iterable[str]) -> Iterable[UUID]:
    for text in given:
        with suppress(ValueError):
            yield UUID(text)


def _still_there(act: Callable[[UUID], object], picture: Picture) -> bool:
    try:
        return act(picture.pk) is not False
    except Picture.DoesNotExist:
        return False


def _are(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count} pictures are"
