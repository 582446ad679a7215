"""What an application might have beside its jobs: a plain model, to compare with."""

from django.db import models


class Page(models.Model):
    KEPT = 1000

    title = models.CharField(max_length=100, default="")
    views = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "own"

    def __str__(self) -> str:
        return self.title
