"""The inviter's page."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from invitations import within_limits
from invitations.forms import InvitationForm
from invitations.models import Invitation
from invitations.origin import origin_of
from invitations.outbox import directory, is_outbox_open
from invitations.pages import page_of
from invitations.permission import SignedInRequest, for_inviters
from invitations.row_actions import ACTIONS
from invitations.shut_out import current_pause


@for_inviters
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: SignedInRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            invitation = within_limits.invite(request.user, values["email"], origin_of(request), values["note"])
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("%s is invited. The mail is on its way.") % invitation.email)
            return redirect("invitations:list")
    page = page_of(request.user, request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "paused": current_pause(),
        "outbox_is_open": is_outbox_open(request) and directory(),
    }
    return render(request, "invitations/list.html", context)


@for_inviters
@require_POST
def act(request: SignedInRequest, pk: UUID, action: str) -> HttpResponse:
    """A form of a row; the same go over the socket where there is one (live.py)."""
    try:
        messages.success(request, ACTIONS[action](request.user, pk, request.POST))
    except Invitation.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("invitations:list")
