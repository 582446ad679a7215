"""What is to become of each address of a batch, told before anything is sent and looked at again when it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from invitations import limits
from invitations.models import Invitation, Suppression, normalize_email
from invitations.permission import MAY_SEE_MEMBERS
from invitations.states import OPEN

Marked = tuple[str, str]
"""An address and its mark."""


class Mark(TextChoices):
    READY = "ready", gettext_lazy("will be invited")
    INVALID = "invalid", gettext_lazy("not a valid address")
    DUPLICATE = "duplicate", gettext_lazy("twice in this batch")
    INVITED = "invited", gettext_lazy("already invited by you")
    MEMBER = "member", gettext_lazy("already has an account")
    SUPPRESSED = "suppressed", gettext_lazy("gets no mail from here")
    LATER = "later", gettext_lazy("cannot be invited today")

    @property
    def tone(self) -> str:
        return "good" if self is Mark.READY else "bad"


def judge(sender: User, words: Iterable[str], now: datetime) -> list[Marked]:
    """In the order given. A few statements, however many there are."""
    judged: list[list[str]] = []
    seen: set[str] = set()
    for word in words:
        address = normalize_email(word)
        if not is_valid(address):
            judged.append([word, Mark.INVALID])
        elif address in seen:
            judged.append([address, Mark.DUPLICATE])
        else:
            seen.add(address)
            judged.append([address, Mark.READY])
    hindrances = _hindrances(sender, sorted(seen), now)
    return [(address, str(hindrances.get(address, mark) if mark == Mark.READY else mark)) for address, mark in judged]


def is_valid(address: str) -> bool:
    """By the same rule as a single invitation's."""
    try:
        Invitation._meta.get_field("email").clean(address, None)
    except ValidationError:
        return False
    return True


def _hindrances(sender: User, addresses: Sequence[str], now: datetime) -> dict[str, Mark]:
    if not addresses:
        return {}
    found = dict.fromkeys(limits.often_invited(addresses, now), Mark.LATER)
    suppressed = Suppression.objects.filter(email__in=addresses, lifted_at=None).order_by()
    found |= dict.fromkeys(suppressed.values_list("email", flat=True), Mark.SUPPRESSED)
    # Who has an account is told only to those who may know it. For all others a member is an address as any other:
    # marked so or left out, it would give away to anybody who can upload a list which of its addresses have one.
    if sender.has_perm(MAY_SEE_MEMBERS):
        members = get_user_model()._default_manager.annotate(address=Lower("email")).filter(address__in=addresses)
        found |= dict.fromkeys(members.order_by().values_list("address", flat=True), Mark.MEMBER)
    own = Invitation.objects.with_state().filter(sender=sender, email__in=addresses).order_by()
    invited = own.filter(state__in=OPEN)  # type: ignore[misc]
    return found | dict.fromkeys(invited.values_list("email", flat=True), Mark.INVITED)
