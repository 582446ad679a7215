"""The inviter's page, and the page behind the link in the mail."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from invitations import inviting, links
from invitations.forms import InvitationForm
from invitations.models import Invitation
from invitations.outbox import directory, is_outbox_open

PER_PAGE = 50


class SignedInRequest(HttpRequest):
    user: User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: SignedInRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = inviting.invite(request.user, form.cleaned_data["email"])
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("%s is invited. The mail is on its way.") % invitation.email)
            return redirect("invitations:list")
    own = Invitation.objects.with_state().filter(sender=request.user)
    page = Paginator(own, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "outbox_is_open": is_outbox_open(request) and directory()}
    return render(request, "invitations/list.html", context)


@login_required
@require_POST
def send_again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    try:
        invitation = inviting.send_again(request.user, pk)
    except Invitation.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("A new mail to %s is on its way; the old link is dead.") % invitation.email)
    return redirect("invitations:list")


# No cookie has a part in accepting: who holds the link may, so there is no request to forge. Django's check would only
# refuse the people themselves, for under no-referrer browsers send "Origin: null".
@csrf_exempt
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
    """GET only shows, because mail scanners open every link; POST accepts."""
    invitation = Invitation.objects.select_related("sender").filter(pk=pk).first()
    if invitation is None or not links.is_token_of(invitation, token):
        response = render(request, "invitations/no_such_link.html", status=404)
    else:
        accepted_now = request.method == "POST" and inviting.accept(invitation)
        if request.method == "POST":
            invitation.refresh_from_db(fields=["accepted_at"])
        context = {"invitation": invitation, "accepted_now": accepted_now}
        response = render(request, "invitations/accept.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response
