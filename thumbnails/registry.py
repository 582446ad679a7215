"""The picture fields of other apps, by the label under which their pictures are kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from thumbnails.conf import Rules
from thumbnails.models import Picture
from thumbnails.specs import Spec

if TYPE_CHECKING:
    from thumbnails.fields import PictureField


def picture_fields(model: type[models.Model]) -> list["PictureField"]:
    """Those of this model, inherited ones included."""
    return [field for field in model._meta.concrete_fields if getattr(field, "keeps_pictures", False)]  # type: ignore[misc]


def all_fields() -> Iterator["PictureField"]:
    for model in apps.get_models():
        yield from (field for field in picture_fields(model) if field.model is model)


def field_of(picture: Picture) -> "PictureField | None":
    """None: uploaded here, or its field is no longer in the code."""
    if not picture.field:
        return None
    label, _, name = picture.field.rpartition(".")
    try:
        return next((each for each in picture_fields(apps.get_model(label)) if each.name == name), None)
    except (LookupError, ValueError):
        return None


def row_of(picture: Picture, field: "PictureField") -> Any:
    """The other app's row; None when it is gone."""
    return field.model._base_manager.filter(pk=picture.row).first()


def specs_of(picture: Picture) -> tuple[Spec, ...] | None:
    """What is to be made of it: everything in the setting, or what its field says. None: that field is gone from the
    code, and nobody can say."""
    if not picture.field:
        return Rules.current().specs
    field = field_of(picture)
    return field.wanted() if field else None
