"""Pictures by format, and by what has become of them, as the database can tell it: as state.py says of one picture."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from thumbnails.models import Picture
from thumbnails.reading import FOUND
from thumbnails.state import PictureState
from workers.models import JobState

ASKED_AGAIN = Q(job__enqueued_at__gt=F("rendered_at")) & ~Q(job__state=JobState.SUCCESSFUL)
READY = Q(rendered_at__isnull=False) & ~ASKED_AGAIN
NOT_READY = Q(rendered_at=None) | ASKED_AGAIN
WAITING = Q(job__state__in=[JobState.READY, JobState.SCHEDULED])
TRIED = Q(job__attempts__gt=0) | Q(job__rescues__gt=0)
BY_JOB = {
    PictureState.QUEUED: WAITING & ~TRIED,
    PictureState.RETRYING: WAITING & TRIED,
    PictureState.WORKING: Q(job__state=JobState.RUNNING),
    PictureState.DISCARDED: Q(job__state=JobState.DISCARDED),
    PictureState.CANCELLED: Q(job__state=JobState.CANCELLED),
    # Also when the job is gone, or left nothing.
    PictureState.FAILED: Q(job__state=None) | Q(job__state__in=[JobState.FAILED, JobState.SUCCESSFUL]),
}


def in_state(state: PictureState) -> Q:
    if state is PictureState.READY:
        return READY
    if state is PictureState.REFUSED:
        return NOT_READY & ~Q(error="")
    return NOT_READY & Q(error="") & BY_JOB[state]


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return PictureState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> QuerySet[Picture]:
        chosen = self.value()
        return queryset.filter(in_state(PictureState(chosen))) if chosen in PictureState.values else queryset


class FormatFilter(admin.SimpleListFilter):
    """Without the empty one of pictures not rendered yet, for which a link would have no words."""

    title = _("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(format, format.upper()) for format in dict.fromkeys(FOUND.values())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> QuerySet[Picture]:
        return queryset.filter(format=self.value()) if self.value() else queryset
