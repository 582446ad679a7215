"""``/metrics``: the machine's figures, for Prometheus and whoever speaks its text format."""

import logging

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workers.outage import on_one_line

logger = logging.getLogger("workers.metrics")

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
REFUSED = (
    "Only for whoever sends the header `Authorization: Bearer …` with the token in the setting WORKERS_METRICS_TOKEN, "
    "or is signed in as staff with the permission to view jobs.\n"
)
NO_ANSWER = "The database does not answer. It is asked again at the next scrape.\n"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures as text; 403 for whoever may not read them, 503 while the database does not answer."""
    # Here, because a worker, which serves no metrics, imports the project's URLs too when it checks the settings.
    from prometheus_client import generate_latest

    from workers.prometheus import registry

    try:
        if not (has_token(request) or may_view(request)):
            return HttpResponse(REFUSED, PLAIN, 403)
        return HttpResponse(generate_latest(registry), TEXT_FORMAT)
    except DatabaseError as error:
        logger.warning("/metrics cannot be told: %s", on_one_line(error))
        return HttpResponse(NO_ANSWER, PLAIN, 503)


def has_token(request: HttpRequest) -> bool:
    """Does the request carry the token of the settings? Without one there nobody does."""
    token = getattr(settings, "WORKERS_METRICS_TOKEN", "")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token)


def may_view(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user and user.is_active and user.is_staff and user.has_perm("workers.view_job"))
