"""A picture: what somebody uploaded here, or what a row of another app names in its field."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from thumbnails.models.rendition import EXTENSIONS
from thumbnails.state import PictureState, Progress, explain, state_of
from workers.models import Attempt, JobState

TIMED_OUT = "workers.exceptions.TaskTimeout"


class PictureQuerySet(models.QuerySet["Picture"]):
    def with_state(self) -> "PictureQuerySet":
        """With what ``Picture.state`` reads from the job: a LEFT JOIN, because a pruned job leaves its id behind."""
        last_failure = Attempt.objects.filter(job=OuterRef("job")).order_by("-id")
        return self.annotate(
            job_state=F("job__state"),
            job_attempts=F("job__attempts"),
            job_rescues=F("job__rescues"),
            job_enqueued_at=F("job__enqueued_at"),
            job_run_after=F("job__run_after"),
            job_progress=F("job__progress"),
            job_last_failure=Subquery(last_failure.values("kind")[:1]),
            job_last_exception=Subquery(last_failure.values("exception_class_path")[:1]),
        )


class Picture(models.Model):
    """Keeps the effects of its job (``rendered_at``, ``error``) and derives the rest from the job itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    field = models.CharField(
        max_length=150, blank=True, help_text=_("app.model.field of another app that names this file; its owner then")
    )
    row = models.CharField(max_length=64, blank=True, help_text=_("the primary key of that app's row"))
    name = models.CharField(max_length=150, help_text=_("as it was uploaded, for people to read; never a path"))
    original = models.FileField()
    bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=8, blank=True, help_text=_("found in the content; empty until rendered"))
    digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the content; empty until rendered"))
    width = models.PositiveIntegerField(null=True, blank=True, help_text=_("pixels, upright"))
    height = models.PositiveIntegerField(null=True, blank=True)
    frames = models.PositiveIntegerField(default=1, help_text=_("more than 1 when animated"))
    focal_x = models.FloatField(default=0.5, help_text=_("what must stay in sight, 0 (left) to 1 (right), upright"))
    focal_y = models.FloatField(default=0.5, help_text=_("0 (top) to 1 (bottom)"))
    placeholder = models.TextField(blank=True, help_text=_("a data: address of a tiny preview; empty until rendered"))
    error = models.TextField(blank=True, help_text=_("why the picture was refused, as its owner reads it"))
    created_at = models.DateTimeField(auto_now_add=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    # Jobs are pruned by raw SQL: a dangling id means the job is gone.
    job = models.ForeignKey(
        "workers.Job", null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    objects = PictureQuerySet.as_manager()

    # Filled by with_state().
    job_state: str | None
    job_attempts: int | None
    job_rescues: int | None
    job_enqueued_at: datetime | None
    job_run_after: datetime | None
    job_progress: dict[str, Any] | None
    job_last_failure: str | None
    job_last_exception: str | None

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="thumbnails_of_owner", fields=["owner", "-created_at"]),
            # Before a file is removed it is asked whether a row names it.
            models.Index(name="thumbnails_of_file", fields=["original"]),
            # Identical uploads are found by it, and decoded once.
            models.Index(name="thumbnails_same_content", fields=["digest"], condition=~Q(digest="")),
        ]
        constraints = [
            models.UniqueConstraint(name="thumbnails_one_per_field", fields=["field", "row"], condition=~Q(field="")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("thumbnails:picture", args=[self.pk])

    @property
    def state(self) -> PictureState:
        """Only on pictures read ``.with_state()``."""
        return state_of(
            rendered=self.rendered_at is not None,
            refused=bool(self.error),
            job_state=self.job_state,
            tried=bool(self.job_attempts or self.job_rescues),
            asked_again=bool(self.rendered_at and self.job_enqueued_at and self.job_enqueued_at > self.rendered_at),
        )

    @property
    def explanation(self) -> str:
        return explain(
            self.state,
            error=self.error,
            last_failure=self.job_last_failure,
            rendered=self.rendered_at is not None,
            timed_out=self.job_last_exception == TIMED_OUT,
            next_try=self.job_run_after if self.job_state == JobState.SCHEDULED else None,
        )

    @property
    def progress(self) -> Progress | None:
        """How far its rendering is; None while it is not being rendered."""
        said = self.job_progress if self.state is PictureState.WORKING else None
        return Progress(said["done"], said["total"], said["note"]) if said and said["total"] else None

    @property
    def focal(self) -> tuple[float, float]:
        """What must stay in sight, as ``Spec.hash`` and ``render`` take it."""
        return self.focal_x, self.focal_y

    @property
    def content_type(self) -> str:
        """From the content and never from the name; nothing a browser would run."""
        return f"image/{self.format}" if self.format else "application/octet-stream"

    def download_name(self, name: str = "", format: str = "") -> str:
        """The uploaded name, with the extension of what is really in the file."""
        found = format or self.format
        stem = self.name.rpartition(".")[0] or self.name
        return f"{stem}{name and '-' + name}.{EXTENSIONS.get(found, found)}" if found else self.name
