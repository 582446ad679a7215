from django import forms
from django.utils.translation import gettext_lazy as _

from invitations.models import Invitation
from invitations.plain_words import NOTE_LENGTH, checked_note


class InvitationForm(forms.ModelForm):
    """Takes one address and a note. Whether it may be invited is decided by ``inviting.invite``, under its lock."""

    class Meta:
        model = Invitation
        fields = ["email", "note"]
        labels = {
            "email": _("Email address of the person you invite"),
            "note": _("A few words to them, if you like"),
        }
        help_texts = {"note": ""}
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
            "note": forms.Textarea(attrs={"rows": 2, "maxlength": NOTE_LENGTH}),
        }

    def clean_note(self) -> str:
        return checked_note(self.cleaned_data["note"])
