"""The picture somebody uploaded, and the renditions made of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from thumbnails.state import PictureState, explain, state_of
from workers.models import Attempt

EXTENSIONS = {"jpeg": "jpg"}


class PictureQuerySet(models.QuerySet["Picture"]):
    def with_state(self) -> "PictureQuerySet":
        """With what ``Picture.state`` reads from the job: a LEFT JOIN, because a pruned job leaves its id behind."""
        last_failure = Attempt.objects.filter(job=OuterRef("job")).order_by("-id").values("kind")[:1]
        return self.annotate(
            job_state=F("job__state"),
            job_attempts=F("job__attempts"),
            job_rescues=F("job__rescues"),
            job_last_failure=Subquery(last_failure),
        )


class Picture(models.Model):
    """Keeps the effects of its job (``rendered_at``, ``error``) and derives the rest from the job itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=150, help_text=_("as it was uploaded, for people to read; never a path"))
    original = models.FileField()
    bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=8, blank=True, help_text=_("found in the content; empty until rendered"))
    width = models.PositiveIntegerField(null=True, blank=True, help_text=_("pixels, upright"))
    height = models.PositiveIntegerField(null=True, blank=True)
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
    job_last_failure: str | None

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(name="thumbnails_of_owner", fields=["owner", "-created_at"])]

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
        )

    @property
    def explanation(self) -> str:
        return explain(self.state, error=self.error, last_failure=self.job_last_failure)

    @property
    def content_type(self) -> str:
        """From the content and never from the name; nothing a browser would run."""
        return f"image/{self.format}" if self.format else "application/octet-stream"

    @property
    def sizes(self) -> list[dict[str, "Rendition"]]:
        """Each size as format -> rendition, the smallest first. Empty until rendered."""
        named: dict[str, dict[str, Rendition]] = {}
        for rendition in self.renditions.all():
            named.setdefault(rendition.name, {})[rendition.format] = rendition
        return list(named.values())

    def download_name(self, name: str = "", format: str = "") -> str:
        """The uploaded name, with the extension of what is really in the file."""
        found = format or self.format
        stem = self.name.rpartition(".")[0] or self.name
        return f"{stem}{name and '-' + name}.{EXTENSIONS.get(found, found)}" if found else self.name


class Rendition(models.Model):
    """One size of a picture in one format: upright, sRGB, without metadata."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=32, help_text=_("the size's name in THUMBNAILS"))
    format = models.CharField(max_length=8)
    file = models.FileField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()

    class Meta:
        ordering = ["width", "height", "name", "format"]
        constraints = [
            models.UniqueConstraint(name="thumbnails_one_per_size", fields=["picture", "name", "format"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}.{self.format}"

    def get_absolute_url(self) -> str:
        return reverse("thumbnails:rendition", args=[self.picture_id, self.name, self.format])

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"
