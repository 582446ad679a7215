"""What has become of a picture: told by its effects, and for the rest by its job. Kept nowhere."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from workers.models import AttemptKind, JobState


class PictureState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    WORKING = "working", _("being rendered")
    RETRYING = "retrying", _("will be tried again")
    READY = "ready", _("ready")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")
    DISCARDED = "discarded", _("discarded")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def is_pending(self) -> bool:
        return self in (PictureState.QUEUED, PictureState.WORKING, PictureState.RETRYING)

    @property
    def may_be_tried_again(self) -> bool:
        """A refused picture may not: the same bytes would be refused again."""
        return self in (PictureState.FAILED, PictureState.DISCARDED, PictureState.CANCELLED)

    @property
    def tone(self) -> str:
        """The class of style.css."""
        if self is PictureState.READY:
            return "state-good"
        return "state-wait" if self.is_pending else "state-bad"


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps, and what the task did last."""

    done: float
    total: float
    note: str

    @property
    def percent(self) -> int:
        return int(100 * self.done / self.total)


BY_JOB = {
    JobState.RUNNING: PictureState.WORKING,
    JobState.FAILED: PictureState.FAILED,
    JobState.DISCARDED: PictureState.DISCARDED,
    JobState.CANCELLED: PictureState.CANCELLED,
}


LEFT_AS_IT_WAS = {
    PictureState.FAILED: "It could not be rendered anew; the thumbnails are as they were.",
    PictureState.DISCARDED: "Rendering it anew was given up; the thumbnails are as they were.",
    PictureState.CANCELLED: "Rendering it anew was cancelled; the thumbnails are as they were.",
}


def state_of(
    *, rendered: bool, refused: bool, job_state: str | None, tried: bool, asked_again: bool = False
) -> PictureState:
    """``tried``: the job has an attempt or a rescue behind it. ``job_state`` is None when the job is gone.
    ``asked_again``: the job is younger than what is rendered, as after a new focal point."""
    if rendered and not (asked_again and job_state not in (None, JobState.SUCCESSFUL)):
        return PictureState.READY
    if refused:
        return PictureState.REFUSED
    if job_state in (JobState.READY, JobState.SCHEDULED):
        return PictureState.RETRYING if tried else PictureState.QUEUED
    # A job that is gone, or that ended well without leaving renditions, will bring nothing more.
    return BY_JOB.get(JobState(job_state), PictureState.FAILED) if job_state else PictureState.FAILED


def explain(
    state: PictureState,
    *,
    error: str,
    last_failure: str | None,
    rendered: bool = False,
    timed_out: bool = False,
    next_try: datetime | None = None,
) -> str:
    """A sentence or two for the owner; empty when the state's own name says enough."""
    if state is PictureState.REFUSED:
        return error
    if state is PictureState.RETRYING:
        when = date_format(localtime(next_try), "j M Y, H:i:s") if next_try else "soon"
        return f"{_cause(last_failure, timed_out)} Next try: {when}."
    if rendered and state in LEFT_AS_IT_WAS:
        return LEFT_AS_IT_WAS[state]
    if state is PictureState.FAILED and last_failure == AttemptKind.WORKER_LOST:
        return "The worker was lost each time it rendered this picture."
    return {
        PictureState.FAILED: "The picture could not be rendered.",
        PictureState.DISCARDED: "The rendering was given up.",
        PictureState.CANCELLED: "The rendering was cancelled before it was done.",
    }.get(state, "")


def _cause(last_failure: str | None, timed_out: bool) -> str:
    """Without what the exception said: paths and addresses are not for owners."""
    if last_failure == AttemptKind.WORKER_LOST:
        return "The worker was lost while it rendered this picture."
    if timed_out:
        return "The last try took too long and was stopped."
    return "The last try did not succeed: the storage or the worker had a fault."
