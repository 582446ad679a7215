"""The address that mail providers tell their news to: anymail's webhooks, and none of them without a secret."""

import logging

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

logger = logging.getLogger("invitations")

CLOSED = (
    "Webhooks are closed: set EMAIL_PROVIDER, and WEBHOOK_SECRET to user:password, and put the same into the "
    "provider's address."
)
NONSENSE = (AnymailError, ImproperlyConfigured, AttributeError, LookupError, TypeError, ValueError)
"""What anymail's views raise when a body is not as its provider documents it, or the provider is not set up here."""


# Providers have no cookie; their secret is what allows them.
@csrf_exempt
def webhook(request: HttpRequest, endpoint: str) -> HttpResponse:
    """Anymail's own view for ``postmark/tracking/`` and the like. It compares the secret, and answers 400 to a wrong
    one; without any in the settings it would let everybody in. Mails that come in are nothing to this site."""
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return HttpResponse(CLOSED, status=403, content_type="text/plain")
    match = resolve(f"/{endpoint}", urlconf="anymail.urls")
    if "inbound" in (match.url_name or ""):
        raise Http404
    try:
        return match.func(request, *match.args, **match.kwargs)
    except SuspiciousOperation:
        raise
    except NONSENSE:
        logger.warning("What came to the webhook %s was not understood.", endpoint, exc_info=True)
        return HttpResponse("This was not understood.", status=400, content_type="text/plain")
