"""Another app, with pictures in its rows."""

from typing import Any, ClassVar

from django.db import models

from thumbnails.fields import PictureField
from thumbnails.specs import Spec
from thumbnails.visibility import everyone


class Article(models.Model):
    title = models.CharField(max_length=50, unique=True)
    photo = PictureField(blank=True, visible_to=everyone)
    # Of its own specs, and with the rule that holds unless another is given.
    badge = PictureField(blank=True, specs=["small", Spec("round", 40, 40, formats=("webp",))])

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return self.title


class Report(Article):
    """Inherits its pictures."""

    pages = models.PositiveIntegerField(default=1)
