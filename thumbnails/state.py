"""What has become of a picture: told by its effects, and for the rest by its job. Kept nowhere."""

from django.db import models
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


BY_JOB = {
    JobState.RUNNING: PictureState.WORKING,
    JobState.FAILED: PictureState.FAILED,
    JobState.DISCARDED: PictureState.DISCARDED,
    JobState.CANCELLED: PictureState.CANCELLED,
}


def state_of(*, rendered: bool, refused: bool, job_state: str | None, tried: bool) -> PictureState:
    """``tried``: the job has an attempt or a rescue behind it. ``job_state`` is None when the job is gone."""
    if rendered:
        return PictureState.READY
    if refused:
        return PictureState.REFUSED
    if job_state in (JobState.READY, JobState.SCHEDULED):
        return PictureState.RETRYING if tried else PictureState.QUEUED
    # A job that is gone, or that ended well without leaving renditions, will bring nothing more.
    return BY_JOB.get(JobState(job_state), PictureState.FAILED) if job_state else PictureState.FAILED


def explain(state: PictureState, *, error: str, last_failure: str | None) -> str:
    """One sentence for the owner; empty when the state's own name says enough."""
    if state is PictureState.REFUSED:
        return error
    if state is PictureState.FAILED and last_failure == AttemptKind.WORKER_LOST:
        return "The worker was lost each time it rendered this picture."
    return {
        PictureState.RETRYING: "The last try did not succeed. Another one follows by itself.",
        PictureState.FAILED: "The picture could not be rendered.",
        PictureState.DISCARDED: "The rendering was given up.",
        PictureState.CANCELLED: "The rendering was cancelled before it began.",
    }.get(state, "")
