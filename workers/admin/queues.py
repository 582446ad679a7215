"""Queues: which are paused, since when and by whom; paused and resumed by a button."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from workers import steering
from workers.admin.looking import LookOnly
from workers.admin.rendering import moment
from workers.backends import channels_backends
from workers.models import Job, JobState, QueuePause

CAP = 1000
"""Due jobs are counted no further."""


@dataclass(frozen=True)
class QueueRow:
    backend: str
    queue: str
    pause: QueuePause | None
    due: str


@admin.register(QueuePause)
class QueueAdmin(LookOnly):
    """Every queue of the settings, paused or not. Seeing needs view_job, pausing and resuming change_job too."""

    fields = readonly_fields = ("queue", "backend", "paused", "paused_by")

    class Media:
        css = {"all": ["workers/admin.css"]}

    paused = moment("paused_at", "paused")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("workers.view_job")

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("workers.change_job")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._steer(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": "Queues",
            "rows": list(queue_rows()),
            "may_steer": self.has_steer_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/workers/queuepause/queues.html", context)

    def _steer(self, request: HttpRequest) -> HttpResponse:
        if not self.has_steer_permission(request):
            raise PermissionDenied
        queue, backend = request.POST.get("queue", ""), request.POST.get("backend", "")
        try:
            if request.POST.get("verb") == "resume":
                told = self._resume(request, queue, backend)
            else:
                told = self._pause(request, queue, backend)
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:workers_queuepause_changelist")

    def _pause(self, request: HttpRequest, queue: str, backend: str) -> str:
        with transaction.atomic(using=router.db_for_write(QueuePause)):
            new = steering.pause(queue, request.user.get_username(), backend)
            if new is None:
                return f"`{queue}` was paused before."
            _log(request, new, ADDITION, "Paused.")
        return f"`{queue}` is paused. What runs is finished; what is due waits."

    def _resume(self, request: HttpRequest, queue: str, backend: str) -> str:
        with transaction.atomic(using=router.db_for_write(QueuePause)):
            ended = steering.resume(queue, backend)
            if ended is None:
                return f"`{queue}` was not paused."
            _log(request, ended, DELETION, "Resumed.")
        return f"`{queue}` goes on."


def _log(request: HttpRequest, pause: QueuePause, flag: int, message: str) -> None:
    LogEntry.objects.log_actions(request.user.pk, [pause], flag, message)  # type: ignore[arg-type]


def queue_rows() -> Iterable[QueueRow]:
    """Those of the settings, and those that are paused although the settings do not name them."""
    pauses = {(pause.backend, pause.queue): pause for pause in QueuePause.objects.order_by("backend", "queue")}
    named = [(backend.alias, queue) for backend in channels_backends() for queue in backend.queue_names]
    for backend, queue in dict.fromkeys([*named, *pauses]):
        yield QueueRow(backend, queue, pauses.get((backend, queue)), _due(backend, queue))


def _due(backend: str, queue: str) -> str:
    count = Job.objects.filter(backend=backend, queue=queue, state=JobState.READY)[:CAP].count()
    return f"{CAP:,} or more" if count == CAP else str(count)
