"""The link in the mail, and the page to which it leads: GET shows, POST accepts."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from invitations import inviting, links
from invitations.hidden_tokens import HiddenToken
from invitations.models import Invitation
from invitations.sign_up import SignUpForm, sign_up
from invitations.states import live_links

OPENED = "opened_invitation"
"""The session's key for the invitation whose link this browser opened: its id and the link's version, no token."""


@cache_control(no_store=True)
@require_safe
def open_link(request: HttpRequest, pk: UUID, token: HiddenToken) -> HttpResponse:
    """Keeps in the session that this browser had the link, and sends it on to a page whose address holds no token.

    Accepting binds an account, so its form must have Django's ordinary check against forged posts. On the link's own
    address it could not have one: that must never leave in a Referer, and under no-referrer browsers send
    "Origin: null". Without the token in its address the page may have every form and link of the site, the one to sign
    in among them with where to return to. A dead link is answered alike, so that no error is logged with it.
    """
    invitation = Invitation.objects.filter(pk=pk).first()
    if invitation is not None and links.is_token_of(invitation, token.reveal()):
        request.session[OPENED] = [str(pk), links.version(invitation)]
    else:
        request.session.pop(OPENED, None)
    response = redirect("invitations:accept_opened")
    response["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters("password1", "password2")
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Mail scanners open every link, so only a POST accepts: by the account that is signed in, or by a new one."""
    invitation = opened_by(request)
    if invitation is None:
        return render(request, "invitations/no_such_link.html", status=404)
    form = SignUpForm(email=invitation.email)
    # Another link may have been opened in another window since this page was shown.
    if request.method == "POST" and request.POST.get("invitation") == str(invitation.pk):
        if not request.user.is_authenticated:
            form = SignUpForm(request.POST, email=invitation.email)
        if accepted_by(request, invitation, form):
            return redirect("invitations:accept_opened")
    user = request.user
    context = {
        "invitation": invitation,
        "form": form,
        "is_for_user": user.is_authenticated and invitation.is_for(user),
        "accepted_by_user": user.is_authenticated and invitation.accepted_by_id == user.pk,
    }
    return render(request, "invitations/accept.html", context)


def opened_by(request: HttpRequest) -> Invitation | None:
    """The invitation whose link this browser opened, unless that link has died: expired, revoked or replaced."""
    opened = request.session.get(OPENED)
    if not opened:
        return None
    pk, version = opened
    known = Invitation.objects.select_related("sender").filter(pk=pk)
    invitation = known.exclude(accepted_at=None).first() or known.filter(live_links()).first()
    return invitation if invitation is not None and links.is_version_of(invitation, version) else None


def accepted_by(request: HttpRequest, invitation: Invitation, form: SignUpForm) -> bool:
    """False: the page is to be shown again, with what is wrong. True: it is to be looked at anew, for it was accepted,
    by this account or by a quicker one, or the link has just died."""
    if request.user.is_authenticated:
        try:
            inviting.accept(invitation, request.user)
        except ValidationError:
            return False
        return True
    if form.is_valid() and (account := sign_up(form, invitation)):
        login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return form.is_valid()
