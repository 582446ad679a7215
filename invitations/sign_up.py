"""Making an account in order to accept an invitation."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from invitations import inviting
from invitations.models import Invitation


class SignUpForm(UserCreationForm):
    """A name and a password. The address is not asked for: it is the invited one, which the link has proved.

    Another account may have the same address. Whether one has is neither looked at nor told, and it stays as it is.
    """

    class Meta(UserCreationForm.Meta):
        model = get_user_model()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        setattr(self.instance, self.instance.get_email_field_name(), email)
        # The page begins with who invites whom, and has another way to accept besides this form.
        self.fields["username"].widget.attrs.pop("autofocus", None)


def sign_up(form: SignUpForm, invitation: Invitation) -> User | None:
    """The account and its acceptance, or neither of them: None, when the link died meanwhile, was used, or, with an
    error on the form, when somebody was quicker to take the name."""
    try:
        with transaction.atomic():
            account = form.save()
            if inviting.accept(invitation, account):
                return account
            transaction.set_rollback(True)
    except IntegrityError:
        form.add_error("username", _("A user with that username already exists."))
    return None
