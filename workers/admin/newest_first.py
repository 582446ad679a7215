"""The list of jobs when it is filtered: found without reading a table of millions."""

from typing import Any
from uuid import UUID

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from workers.models import Attempt, Job, JobState

BEFORE = "before"
"""The parameter that says from which job on to look back."""
LOOKED_THROUGH = 50_000
ATTEMPTS = 5_000
FEW = 2_000
STATE = "state__exact"
ENDED_BADLY = (JobState.FAILED, JobState.DISCARDED, JobState.CANCELLED)
# In the order of its index, without which PostgreSQL would read the table.
INDEXED = {
    JobState.READY: ("backend", "queue", "-priority", "run_after", "id"),
    JobState.SCHEDULED: ("backend", "run_after"),
    JobState.RUNNING: ("worker_id",),
}


class NewestFirst(ChangeList):
    """Filters look through the newest LOOKED_THROUGH jobs, and on the next page through as many older ones.

    Otherwise a filter by something seldom would read every row there is, twice: to count and to list. What has an
    index is looked for everywhere: an id, and a state in which no more than FEW jobs wait or run. Jobs that ended badly
    are found by the newest ATTEMPTS that did not succeed, so however many others have succeeded since.
    """

    older = ""
    """Query of the page on which the search goes on; empty where it need not."""
    looked_through = ""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return {name: value for name, value in super().get_filters_params(params).items() if name != BEFORE}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        # Whatever the address asks for: every other order would sort the whole table.
        return ["-id"]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        found = super().get_queryset(request, exclude_parameters)
        if _id(self.query) or not (self.query or self.get_filters_params()):
            return found
        ids = _by_an_index(found.db, request.GET.get(STATE, ""))
        if ids is not None:
            return found.filter(id__in=ids)
        return self._among_the_newest(found, _id(request.GET.get(BEFORE, "")))

    def _among_the_newest(self, found: QuerySet, before: UUID | None) -> QuerySet:
        looked_through = self.root_queryset.order_by("-id").values_list("id", flat=True)
        if before is not None:
            looked_through, found = looked_through.filter(id__lt=before), found.filter(id__lt=before)
        last = looked_through[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()
        if last is None:
            return found
        self.older, self.looked_through = self.get_query_string({BEFORE: last}), f"{LOOKED_THROUGH:,}"
        return found.filter(id__gte=last)


def _by_an_index(database: str, state: str) -> QuerySet | None:
    if state in ENDED_BADLY:
        return Attempt.objects.using(database).order_by("-id").values("job_id")[:ATTEMPTS]
    if state not in INDEXED:
        return None
    order = INDEXED[JobState(state)]
    jobs = Job.objects.using(database).filter(state=state).order_by(*order).values("id")[: FEW + 1]
    return jobs if jobs.count() <= FEW else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
