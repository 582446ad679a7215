"""The link behind a mail program's "Unsubscribe" (RFC 8058): GET shows, POST puts the address on the list.

It is signed and names the address alone: it opens no invitation, and works when that is long gone.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from invitations.models import SuppressionReason, normalize_email
from invitations.suppressing import suppress


def signer() -> Signer:
    return Signer(salt="invitations.unsubscribe")


def address(email: str) -> str:
    """The whole address, for a header. While SECRET_KEY_FALLBACKS names an old secret, its links stay good."""
    return settings.SITE_URL + reverse("invitations:unsubscribe", args=[signer().sign_object(normalize_email(email))])


# The mail program posts, without a cookie and from nowhere: the signature is what allows it.
@csrf_exempt
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """GET changes nothing, because mail scanners open every link."""
    try:
        email = signer().unsign_object(signed)
    except (BadSignature, ValueError):
        response = render(request, "invitations/no_such_link.html", status=404)
    else:
        if request.method == "POST":
            suppress(email, SuppressionReason.UNSUBSCRIBED)
        context = {"email": email, "done": request.method == "POST"}
        response = render(request, "invitations/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response
