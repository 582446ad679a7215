"""The token that opens ``/metrics``."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST = 16


@register(Tags.security, deploy=True)
def check_metrics_token(**kwargs: Any) -> list[CheckMessage]:
    """None is needed: then only staff may look."""
    token = getattr(settings, "WORKERS_METRICS_TOKEN", "")
    if not token or (isinstance(token, str) and len(token) >= SHORTEST and token.isascii() and token.isprintable()):
        return []
    return [
        Error(
            f"WORKERS_METRICS_TOKEN can be guessed or cannot be sent: {SHORTEST} or more characters of ASCII are safe.",
            hint='Make one: python -c "import secrets; print(secrets.token_urlsafe(32))". Or leave it empty.',
            id="workers.E010",
        )
    ]
