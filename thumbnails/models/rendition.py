"""What was made of a picture."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

EXTENSIONS = {"jpeg": "jpg"}


class Rendition(models.Model):
    """One spec of a picture in one format and density: upright, sRGB, without metadata."""

    picture = models.ForeignKey("thumbnails.Picture", on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=32, help_text=_("the name of its spec"))
    format = models.CharField(max_length=8)
    density = models.FloatField(default=1, help_text=_("device pixels for each pixel of the spec"))
    spec_hash = models.CharField(
        max_length=16, blank=True, help_text=_("of the spec and focal point it was made by; empty: outdated")
    )
    # Identical pictures share files: one is removed with the last row that names it.
    file = models.FileField(db_index=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()

    class Meta:
        ordering = ["width", "height", "name", "density", "format"]
        constraints = [
            models.UniqueConstraint(name="thumbnails_one_per_size", fields=["picture", "name", "format", "density"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}.{self.format}"

    def get_absolute_url(self) -> str:
        """It changes with the pixels, so that a browser may keep what it got for ever."""
        address = reverse("thumbnails:rendition", args=[self.picture_id, self.name, self.format])
        return f"{address}?v={self.version}"

    @property
    def version(self) -> str:
        """Tells it from its other densities, and from those it had before or will have."""
        return self.spec_hash if self.density == 1 else f"{self.spec_hash}-{self.density:g}"

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"
