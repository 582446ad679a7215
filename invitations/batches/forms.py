"""Addresses, pasted or uploaded; not too many, and out of no file that is too large to be a list of them."""

from itertools import islice
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.batches.addresses import from_csv, from_text
from invitations.plain_words import NOTE_LENGTH, checked_note

LONGEST_TEXT = 1_000_000
LARGEST_FILE = 5 * 1024 * 1024


class BatchForm(forms.Form):
    pasted = forms.CharField(
        label=gettext_lazy("Email addresses"),
        help_text=gettext_lazy("Separated by lines, commas, semicolons or blanks."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        help_text=gettext_lazy("Only the column that holds addresses is read."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    note = forms.CharField(
        label=gettext_lazy("A few words to them, if you like"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": NOTE_LENGTH}),
    )

    def clean_note(self) -> str:
        return checked_note(self.cleaned_data["note"])

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 5 MB. Upload the column of addresses alone."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        words = list(islice(self._words(), most() + 1))
        if not words:
            raise ValidationError(_("There is no address in it. Paste at least one, or choose a file."))
        if len(words) > most():
            raise ValidationError(
                _("These are more than %d addresses. Split them into several batches.") % most(), code="too_many"
            )
        cleaned["words"] = words
        return cleaned

    def _words(self) -> Any:
        yield from from_text(self.cleaned_data["pasted"])
        if file := self.cleaned_data["file"]:
            yield from from_csv(file.read())


def most() -> int:
    return int(settings.INVITATION_LIMITS["PER_BATCH"])
