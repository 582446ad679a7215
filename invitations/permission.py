"""Who may invite: whoever is signed in and has Django's own permission ``invitations.add_invitation``."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MAY_INVITE = "invitations.add_invitation"
MAY_SEE_MEMBERS = "invitations.see_members"


class SignedInRequest(HttpRequest):
    """What a view for inviters is given."""

    user: User


def may_invite(user: Any) -> bool:
    return bool(user.has_perm(MAY_INVITE))


def for_inviters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Strangers are asked to sign in; others without the permission are told whom to ask for it, with 403."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_invite(request.user):
            return render(request, "invitations/not_allowed.html", status=403)
        return view(request, *args, **kwargs)

    return guarded
