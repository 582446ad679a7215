from django import forms
from django.utils.translation import gettext_lazy as _

from invitations.models import Invitation


class InvitationForm(forms.ModelForm):
    """Takes one address. Whether it may be invited is decided by ``inviting.invite``, under its lock."""

    class Meta:
        model = Invitation
        fields = ["email"]
        labels = {"email": _("Email address of the person you invite")}
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"})}
