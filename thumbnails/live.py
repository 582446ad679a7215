"""The pages of pictures as they change by themselves, and what is done from them over the same socket."""

from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from thumbnails.models import Picture
from thumbnails.pages import details, gallery, own
from thumbnails.row_actions import ACTIONS, NotDone
from workers.live import Refused, Source


def render_list(user: Any, params: Mapping[str, str], job_ids: Set[str] | None) -> str:
    """The cards of these jobs, as far as the page that is looked at has them; None: the whole page."""
    context = gallery(user, params.get("page")) | {"csrf_token": params.get("csrf_token", "")}
    if job_ids is None:
        return render_to_string("thumbnails/cards.html", context)
    changed = [picture for picture in context["page"] if str(picture.job_id) in job_ids]
    return "".join(render_to_string("thumbnails/card.html", context | {"picture": each}) for each in changed)


def render_picture(user: Any, params: Mapping[str, str], job_ids: Set[str] | None) -> str:
    """What changes on the page of one picture; nothing when it is not this user's, or is deleted."""
    picture = _find(user, params.get("picture", ""))
    if picture is None or (job_ids is not None and str(picture.job_id) not in job_ids):
        return ""
    context = details(picture) | {"csrf_token": params.get("csrf_token", "")}
    return render_to_string("thumbnails/details.html", context)


def act(user: Any, action: str, values: Mapping[str, str]) -> str:
    if action not in ACTIONS:
        raise Refused("This page has no such action.")
    picture = _find(user, values.get("picture", ""))
    if picture is None:
        raise Refused("This picture is not there any more. Reload the page.")
    try:
        return ACTIONS[action](picture)
    except Picture.DoesNotExist:
        raise Refused(f"{picture.name} is deleted.") from None
    except NotDone as reason:
        raise Refused(str(reason)) from None


def _find(user: Any, pk: str) -> Picture | None:
    try:
        return own(user).prefetch_related("renditions").filter(pk=UUID(pk)).first()
    except ValueError:
        return None


SOURCES = [Source("pictures", render_list, act), Source("picture", render_picture, act)]
