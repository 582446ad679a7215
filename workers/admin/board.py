"""The operator's board: how every queue stands, who works at what, and what went wrong lately."""

import time
from collections.abc import Callable, Mapping, Set
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import router
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from workers import clock, figures
from workers.admin.history import DAY, HOUR, Chart, Drawn, Span, empty
from workers.admin.lately import lately
from workers.admin.roster import roster
from workers.admin.shared import Shared
from workers.admin.standing import Standing
from workers.backends import channels_backends
from workers.live import Source, register
from workers.models import Job

SOURCE = "workers.board"
REFRESH = 2.0
"""Seconds between two pushes, and between two looks at the database for all who watch in one process."""
CHARTED = 12
"""Queues of which charts are drawn; beyond them the table tells."""


class Board:
    """The page's parts as HTML. Its charts, for which the most is read, are looked up now and then only."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._drawn: dict[tuple[str, str, Span], Shared[dict[str, list[Chart]]]] = {}
        self._now = now

    def html(self) -> SafeString:
        database = router.db_for_write(Job)
        at = clock.now(database)
        queues = [each for backend in channels_backends() for each in figures.queues(database, backend.alias)]
        context = {
            "at": at,
            "queues": [
                Standing(queue, self._charts(database, queue) if index < CHARTED else ())
                for index, queue in enumerate(queues)
            ],
            "window": figures.WINDOW,
            "charted": CHARTED,
            "roster": roster(database, at),
            "mishaps": lately(database),
        }
        return render_to_string("admin/workers/board/parts.html", context)

    def forget(self) -> None:
        """The charts are read and drawn anew."""
        self._drawn.clear()

    def _charts(self, database: str, queue: figures.QueueFigures) -> list[Chart]:
        hour, day = (self._of_every_queue(database, queue.backend, span) for span in (HOUR, DAY))
        if queue.queue not in day:
            return []
        return [*hour.get(queue.queue, empty(HOUR)), *day[queue.queue]]

    def _of_every_queue(self, database: str, backend: str, span: Span) -> dict[str, list[Chart]]:
        shared = Shared(Drawn(database, backend, span), span.lifetime, self._now)
        return self._drawn.setdefault((database, backend, span), shared).get()


board = Board()
_watched = Shared(board.html, REFRESH)


def page(site: AdminSite, request: HttpRequest) -> TemplateResponse:
    """Whole without JavaScript; ``?live=0`` is for who wants it to stand still."""
    if not may_see(request.user):
        raise PermissionDenied
    request.current_app = site.name  # type: ignore[attr-defined]
    context = site.each_context(request) | {
        "title": "Board",
        "app_name": apps.get_app_config("workers").verbose_name,
        "board": board.html(),
        "live": request.GET.get("live") != "0",
        "source": SOURCE,
    }
    return TemplateResponse(request, "admin/workers/board/page.html", context)


def may_see(user: Any) -> bool:
    return user.is_active and user.is_staff and user.has_perm("workers.view_job")


def _push(user: Any, params: Mapping[str, str], job_ids: Set[str] | None) -> str:
    # What happens to the watcher's own jobs is no reason to look before it is time.
    return _watched.get() if job_ids is None or _watched.is_over else ""


register(Source(SOURCE, render=_push, may_see=may_see, every=REFRESH))
