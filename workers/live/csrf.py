"""The token for forms that are pushed into a page: the socket may be gone when such a form is sent."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token


def token_for(scope: Mapping[str, Any]) -> str:
    """As a request of the same browser would get it; "" when the browser brought no secret. May read the session."""
    request = HttpRequest()
    request.COOKIES = scope.get("cookies", {})
    request.session = scope.get("session")  # type: ignore[assignment]
    CsrfViewMiddleware(lambda request: HttpResponse()).process_request(request)
    return get_token(request) if "CSRF_COOKIE" in request.META else ""
