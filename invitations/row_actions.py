"""What an inviter does from a row of the list, by form or over the socket. Each says in a sentence what it did.

All raise Invitation.DoesNotExist unless it is the sender's own, and ValidationError with the reason not to do it.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from invitations import inviting, within_limits
from invitations.forms import InvitationForm

Values = Mapping[str, Any]


def send_again(sender: User, pk: UUID, values: Values) -> str:
    invitation = within_limits.send_again(sender, pk)
    return _("A new mail to %s is on its way; the old link is dead.") % invitation.email


def send_elsewhere(sender: User, pk: UUID, values: Values) -> str:
    form = InvitationForm(values)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
    invitation = within_limits.send_again(sender, pk, form.cleaned_data["email"])
    return _("The invitation now goes to %s; a mail is on its way.") % invitation.email


def cancel(sender: User, pk: UUID, values: Values) -> str:
    invitation, in_time = inviting.cancel(sender, pk)
    if in_time:
        return _("The invitation to %s is cancelled; nothing is sent.") % invitation.email
    return _("The mail to %s is being sent at this moment. If that fails, it is not tried again.") % invitation.email


def revoke(sender: User, pk: UUID, values: Values) -> str:
    return _("The invitation to %s is revoked; its link is dead.") % inviting.revoke(sender, pk).email


ACTIONS: dict[str, Callable[[User, UUID, Values], str]] = {
    "send_again": send_again,
    "send_elsewhere": send_elsewhere,
    "cancel": cancel,
    "revoke": revoke,
}
