"""The list of invitations as it changes by itself, and what is done from its rows over the same socket."""

from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from invitations.models import Invitation
from invitations.pages import page_of
from invitations.permission import may_invite
from invitations.row_actions import ACTIONS
from invitations.shut_out import current_pause
from workers.live import Refused, Source

LOOK_AGAIN = 60.0
"""Seconds. That mails are paused, or go out again, happens to no job."""


def render(user: Any, params: Mapping[str, str], job_ids: Set[str] | None) -> str:
    """The rows of these jobs, as far as the page that is looked at has them; None: the whole page."""
    page = page_of(user, params.get("page"))
    context = {"page": page, "csrf_token": params.get("csrf_token", "")}
    if job_ids is None:
        return render_to_string("invitations/rows.html", context | {"paused": current_pause()})
    changed = [invitation for invitation in page if str(invitation.job_id) in job_ids]
    return "".join(render_to_string("invitations/row.html", context | {"invitation": each}) for each in changed)


def act(user: Any, action: str, values: Mapping[str, str]) -> str:
    if action not in ACTIONS:
        raise Refused(_("This page has no such action."))
    try:
        return ACTIONS[action](user, UUID(values.get("invitation", "")), values)
    except (Invitation.DoesNotExist, ValueError):
        raise Refused(_("This invitation is not there any more. Reload the page.")) from None
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None


SOURCE = Source("invitations", render, act, may_see=may_invite, every=LOOK_AGAIN)
