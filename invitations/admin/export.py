"""The list as CSV, for a spreadsheet: as it is filtered, and sent as it is read."""

import csv
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q
from django.http import HttpRequest, StreamingHttpResponse

from invitations.models import InvitationQuerySet

AT_ONCE = 1000
TIMES = ("created_at", "sent_at", "delivered_at", "opened_at", "accepted_at", "expires_at", "revoked_at", "bounced_at")
COLUMNS = ("email", "sender__username", "state", *TIMES, "error", "provider_reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def response(request: HttpRequest, found: InvitationQuerySet) -> StreamingHttpResponse:
    chunks = lines(found)
    # Under ASGI Django would first read the whole of an ordinary iterator, and keep it in memory.
    streamed = in_threads(chunks) if isinstance(request, ASGIRequest) else chunks
    headers = {"Content-Disposition": 'attachment; filename="invitations.csv"'}
    return StreamingHttpResponse(streamed, content_type="text/csv; charset=utf-8", headers=headers)


def lines(found: InvitationQuerySet) -> Iterator[str]:
    """A heading, and then the invitations, the newest first, a thousand lines at a time."""
    writer = csv.writer(_Echo())
    yield writer.writerow([name.replace("__", " ") for name in COLUMNS])
    found = found.order_by("-created_at", "id")
    rest = found
    # By the last row and not by a cursor or an offset: no transaction stays open, and the last pages are as quick.
    while rows := list(rest.values_list("created_at", "pk", *COLUMNS)[:AT_ONCE]):
        yield "".join(writer.writerow([cell(value) for value in row[2:]]) for row in rows)
        at, pk = rows[-1][:2]
        rest = found.filter(Q(created_at__lt=at) | Q(pk__gt=pk), created_at__lte=at)


def cell(value: Any) -> str:
    """A spreadsheet takes what begins so for a formula, and runs it: an apostrophe before it makes it text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


async def in_threads(chunks: Iterator[str]) -> AsyncIterator[str]:
    while (chunk := await sync_to_async(next)(chunks, None)) is not None:
        yield chunk


class _Echo:
    """A file whose ``write`` gives back what it is given, as Django's documentation streams CSV."""

    def write(self, line: str) -> str:
        return line
