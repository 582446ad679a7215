"""The form field of a PictureField."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File

from thumbnails.conf import Rules
from thumbnails.forms import UploadForm, problem_with


class PictureFormField(forms.FileField):
    """Looks at the size only: what is inside a file from a stranger, the worker finds out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "allow_empty_file": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        cleaned = super().clean(data, initial)
        if isinstance(data, File) and (problem := problem_with(data, Rules.current().limits.max_bytes)):  # type: ignore[arg-type]
            raise ValidationError(problem)
        return cleaned

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"accept": UploadForm.base_fields["pictures"].widget.attrs["accept"]}
