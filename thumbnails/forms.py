"""The upload form: several files at once, each judged by itself."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from thumbnails.refusals import too_many_bytes

MOST_FILES = 20
LONGEST_NAME = 150


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Cleans to a list of files, as Django's documentation builds it."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        chosen = data if isinstance(data, (list, tuple)) else [data]
        files = [super(MultipleFileField, self).clean(each, initial) for each in chosen or [None]]
        if len(files) > MOST_FILES:
            raise ValidationError(f"You chose {len(files)} files. Choose at most {MOST_FILES} at a time.")
        return files


class UploadForm(forms.Form):
    # An empty file is that file's own fault, not the form's: see problem_with.
    pictures = MultipleFileField(
        allow_empty_file=True,
        widget=MultipleFileInput(
            attrs={
                "accept": "image/jpeg,image/png,image/webp,image/gif,image/avif",
                "aria-describedby": "id_pictures_helptext",
            }
        ),
        error_messages={"required": "Choose at least one picture."},
    )


def problem_with(upload: UploadedFile, max_bytes: int) -> str | None:
    """Why this file is not taken, or None. What is inside it the worker finds out."""
    if not upload.size:
        return "The file is empty. Choose another one."
    return too_many_bytes(upload.size, max_bytes) if upload.size > max_bytes else None


def display_name(upload: UploadedFile) -> str:
    """The uploaded name as one line of visible text; never used as a path."""
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in upload.name or "")
    return " ".join(visible.split())[-LONGEST_NAME:] or "picture"
