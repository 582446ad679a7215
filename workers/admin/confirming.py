"""The page between choosing jobs and changing them: it counts what will change and what will not."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from workers.admin.carrying_out import survey
from workers.admin.looking import CappedPaginator
from workers.admin.verbs import Verb

CONFIRMED = "confirmed"
DAMAGED = "That request was damaged on its way, and nothing was changed. Choose the jobs again."
TEMPLATE = "admin/workers/job/confirm.html"


def ask(model_admin: ModelAdmin, request: HttpRequest, verb: Verb, ids: list[UUID]) -> HttpResponse:
    """The page. Its form carries the ids themselves, so that exactly those that were counted are changed."""
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": f"{verb.label}: are you sure?",
        "verb": verb,
        "survey": survey(verb, ids),
        "selected": len(ids),
        "cap": CappedPaginator.cap if len(ids) >= CappedPaginator.cap else None,
        "first": ids[0] if ids else "",
        "ids": as_text(ids),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "confirmed_name": CONFIRMED,
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, TEMPLATE, context)


def is_damaged(request: HttpRequest) -> bool:
    """No database could be asked for this, and no page of ours sends it."""
    try:
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            UUID(chosen)
    except ValueError:
        return True
    return any("\x00" in value for _, values in request.GET.lists() for value in values)


def as_text(ids: Iterable[UUID]) -> str:
    """In one field: Django takes no form of more than a thousand."""
    return ",".join(each.hex for each in ids)


def from_text(text: str) -> list[UUID]:
    """Back from the form. Raises ValueError for anything else, and for more than a page can have counted."""
    ids = list(dict.fromkeys(UUID(word) for word in text.split(",")))
    if len(ids) > CappedPaginator.cap:
        raise ValueError(f"{len(ids):,} jobs are more than {CappedPaginator.cap:,}")
    return ids
