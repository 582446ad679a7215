"""An invitation: who invited which address, and what became of its mail and its link."""

import secrets
import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.models.batch import Batch
from invitations.models.normalized import normalize_email
from invitations.one_line import one_line
from invitations.states import ON_ITS_WAY, RESENDABLE, REVOCABLE, InvitationState, derived_state, explain
from invitations.times import times_of

INVITER_NAME_LENGTH = 80

TIMES_OF_ONE_LINK = (
    "sending_at",
    "sent_at",
    "expires_at",
    "reminding_at",
    "reminded_at",
    "revoked_at",
    "deferred_at",
    "delivered_at",
    "opened_at",
    "bounced_at",
    "complained_at",
)
"""What is true of a mail and its link; the next mail begins without."""


def new_key() -> str:
    return secrets.token_hex(16)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_state(self) -> Self:
        """Adds ``state``, ``job_state``, ``job_attempts`` and ``job_run_after``, in the same query."""
        return self.annotate(
            state=derived_state(),
            job_state=F("job__state"),
            job_attempts=F("job__attempts"),
            job_run_after=F("job__run_after"),
        )


class Invitation(models.Model):
    """Keeps no state and no token: the state is derived (``with_state()``), and so is the link's token (links.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(gettext_lazy("email address"))
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Half of what makes the link; with a new key the old link is dead. Worth nothing without SECRET_KEY.
    key = models.CharField(max_length=32, default=new_key, editable=False)
    note = models.TextField(
        max_length=500, blank=True, help_text=gettext_lazy("what the inviter wrote to the recipient")
    )
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations")
    origin = models.GenericIPAddressField(
        null=True, blank=True, editable=False, help_text=gettext_lazy("the network address it was invited from")
    )

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sending_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=gettext_lazy("when the mail was handed over; committed before, cleared if it was refused"),
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=gettext_lazy("from then on the link is dead"))
    reminding_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("when the reminder was handed over, as sending_at")
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    # As the provider told it, each with the first time that it did; in which order it came does not matter.
    deferred_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    provider_reason = models.TextField(blank=True, help_text=gettext_lazy("the provider's last words about the mail"))
    message_id = models.CharField(
        max_length=255, blank=True, help_text=gettext_lazy("as the mail server or provider knows it")
    )
    error = models.TextField(
        blank=True, help_text=gettext_lazy("why the last try failed, in a sentence for the inviter")
    )
    # No constraint: jobs are pruned without asking. An id that leads nowhere means that the job is gone.
    job = models.ForeignKey(
        "workers.Job", null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    # Present after with_state().
    state: str
    job_state: str | None
    job_attempts: int | None
    job_run_after: datetime | None

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["sender", "-created_at"], name="invitations_of_sender"),
            models.Index(fields=["sender", "email"], name="invitations_to_address"),
            models.Index(fields=["email", "-created_at"], name="invitations_of_recipient"),
            models.Index(fields=["origin", "-created_at"], name="invitations_of_origin"),
            models.Index(fields=["-created_at"], name="invitations_by_time"),
            # Some providers' news name nothing else.
            models.Index(fields=["message_id"], name="invitations_by_mail", condition=~Q(message_id="")),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)

    @property
    def inviter_name(self) -> str:
        """The sender as the recipient reads it: one line, printable, of bounded length, whatever was typed."""
        names = map(one_line, (self.sender.get_full_name(), self.sender.get_username()))
        return next(filter(None, names), _("Somebody"))[:INVITER_NAME_LENGTH]

    def renew_link(self) -> None:
        """The old link is dead as soon as this is saved, and nothing on the row speaks of its mail any more."""
        self.key = new_key()
        for name in TIMES_OF_ONE_LINK:
            setattr(self, name, None)
        self.message_id = self.provider_reason = self.error = ""

    def is_for(self, account: Any) -> bool:
        """Whether this account may accept: its address is the invited one, or it has none, and the link then speaks
        for it. Nothing is ever written to that account: an address put there could be used to take it over."""
        address = getattr(account, account.get_email_field_name(), "") or ""
        return normalize_email(address) in {"", normalize_email(self.email)}

    # The following need with_state().

    @property
    def state_label(self) -> str:
        return str(InvitationState(self.state).label)

    @property
    def tone(self) -> str:
        return InvitationState(self.state).tone

    @property
    def explanation(self) -> str:
        return explain(InvitationState(self.state), self.error, self.job_run_after, self.provider_reason)

    @property
    def times(self) -> list[tuple[Any, datetime]]:
        return times_of(self)

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in ON_ITS_WAY

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in RESENDABLE

    @property
    def can_be_revoked(self) -> bool:
        return self.state in REVOCABLE
