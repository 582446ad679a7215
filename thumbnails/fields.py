"""A model field that gives another app's picture its renditions: ``photo = PictureField(visible_to=everyone)``."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core import checks
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import models, router, transaction
from django.db.models.fields.files import ImageFieldFile
from django.db.models.signals import class_prepared, post_delete, post_save

from thumbnails import keeping
from thumbnails.conf import Rules, problems
from thumbnails.form_fields import PictureFormField
from thumbnails.forms import display_name
from thumbnails.models import Picture
from thumbnails.naming import ORIGINALS
from thumbnails.registry import picture_fields
from thumbnails.specs import Spec
from thumbnails.visibility import Rule, staff


class PictureFieldFile(ImageFieldFile):
    """The file as the row names it; ``picture`` is what is known of it, and what was made of it."""

    field: "PictureField"

    def save(self, name: str, content: File, save: bool = True) -> None:
        # S3 would keep the type the uploader claims, and hand it to browsers.
        content.content_type = None  # type: ignore[attr-defined]
        # On the row, because Django makes another one of these with every save.
        vars(self.instance)[self.field.uploaded] = display_name(UploadedFile(name=name)), content.size or 0
        super().save(name, content, save)

    @property
    def picture(self) -> Picture | None:
        """Read ``with_state()`` and with its renditions: two queries, which ``prefetch_pictures`` saves for many rows.
        None: no file, or no row of Picture yet (``bulk_create``, fixtures); ``rebuildthumbnails`` makes it."""
        if "_picture" not in vars(self):
            self._picture = keeping.pictures_of(self.field.label, [self.instance.pk]).first() if self else None
        return self._picture

    @picture.setter
    def picture(self, picture: Picture | None) -> None:
        self._picture = picture


class PictureField(models.ImageField):
    """Renditions are made by the worker after each save with a new file, and removed with the file they were made of.

    ``specs``: names from THUMBNAILS["SPECS"], or Specs; none: all in the setting. ``visible_to(request, row)``: who
    is served the renditions; unless given, who may view such rows in the admin (``thumbnails.visibility``).

    ``save()`` and ``delete()``, of one row or of a queryset, commit the row, its picture and its job together. The
    file itself is in no transaction: after a rollback it stays, until ``sweepthumbnails``. What sends no signals
    (``bulk_create``, ``QuerySet.update``, fixtures, SQL) is noticed by ``rebuildthumbnails``. Files are kept in the
    default storage under random names, so ``upload_to`` and ``storage`` are not for the caller to choose.
    """

    keeps_pictures: ClassVar[bool] = True
    attr_class = PictureFieldFile

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        specs: Sequence[str | Spec] = (),
        visible_to: Rule = staff,
        **options: Any,
    ) -> None:
        for chosen in ("upload_to", "storage", "width_field", "height_field"):
            if options.pop(chosen, None):
                raise TypeError(f"A PictureField takes no {chosen}: its files are stored, and measured, by thumbnails.")
        self.specs, self.visible_to = (specs,) if isinstance(specs, str) else tuple(specs), visible_to
        super().__init__(verbose_name, **options)

    @property
    def uploaded(self) -> str:
        """Where a row keeps the name and the size of what was uploaded, until it is recorded."""
        return f"_{self.name}_uploaded"

    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def wanted(self) -> tuple[Spec, ...]:
        """Its specs, as the settings say them now. Raises KeyError for a name they do not have."""
        declared = {spec.name: spec for spec in Rules.current().specs}
        chosen: Sequence[str | Spec] = self.specs or tuple(declared)
        return tuple(each if isinstance(each, Spec) else declared[each] for each in chosen)

    def generate_filename(self, instance: Any, filename: Any) -> str:
        return f"{ORIGINALS}/{uuid4().hex}"

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        # Specs and rules are nothing of the database's.
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {key: value for key, value in kwargs.items() if key != "upload_to"}

    def formfield(self, **kwargs: Any) -> Any:
        # Not Django's, which decodes what strangers send in the web process.
        return super().formfield(**{"form_class": PictureFormField, **kwargs})

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract and cls.__module__ != "__fake__":
            cls.save_base = _in_one_transaction(cls.save_base)  # type: ignore[method-assign]

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if problems(getattr(settings, "THUMBNAILS", None)):
            return found  # the setting's own check tells of them
        names = {each for each in self.specs if isinstance(each, str)}
        for unknown in sorted(names - {spec.name for spec in Rules.current().specs}):
            hint = "Name one of THUMBNAILS['SPECS'], or add it there."
            found.append(checks.Error(f"There is no spec {unknown!r}.", hint=hint, obj=self, id="thumbnails.E010"))
        return found


def _in_one_transaction(save_base: Callable[..., None]) -> Callable[..., None]:
    """The row and what its signals enqueue commit together. The file is stored before, so that no transaction, and on
    SQLite no other writer, waits for a bucket."""

    @wraps(save_base)
    def saved(self: models.Model, *args: Any, using: str | None = None, **kwargs: Any) -> None:
        for field in _written(type(self), self, kwargs.get("update_fields")):
            field.pre_save(self, self._state.adding)
        using = using or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using, savepoint=False):
            save_base(self, *args, using=using, **kwargs)

    return saved


def _written(model: type[models.Model], row: models.Model, only: Any) -> list[PictureField]:
    unread = row.get_deferred_fields()
    return [
        field
        for field in picture_fields(model)
        if field.attname not in unread and (only is None or field.name in only or field.attname in only)
    ]


def _keep(sender: type[models.Model], instance: Any, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    if not raw:
        for field in _written(sender, instance, update_fields):
            name, size = vars(instance).pop(field.uploaded, (str(instance), 0))
            keeping.keep(field.label, instance.pk, getattr(instance, field.attname), name, size)


def _let_go(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    for field in picture_fields(sender):
        keeping.let_go(field.label, instance.pk)


def _follow(sender: type[models.Model], **kwargs: Any) -> None:
    """By class and not for all: a listener to every model's deletion would make every deletion slow."""
    if picture_fields(sender) and sender.__module__ != "__fake__":
        post_save.connect(_keep, sender=sender, dispatch_uid=("thumbnails", sender))
        post_delete.connect(_let_go, sender=sender, dispatch_uid=("thumbnails", sender))


class_prepared.connect(_follow, dispatch_uid="thumbnails.fields")
