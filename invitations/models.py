"""An invitation: who invited which address, and what became of its mail and its link."""

import secrets
import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.one_line import one_line
from invitations.states import RESENDABLE, InvitationState, derived_state, explain

INVITER_NAME_LENGTH = 80


def new_key() -> str:
    return secrets.token_hex(16)


def normalize_email(address: str) -> str:
    """One spelling per mailbox, as far as it can be known: without spaces around it, in small letters."""
    return address.strip().lower()


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

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sending_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=gettext_lazy("when the mail was handed over; committed before, cleared if it was refused"),
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
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

    # The following need with_state().

    @property
    def state_label(self) -> str:
        return str(InvitationState(self.state).label)

    @property
    def tone(self) -> str:
        return InvitationState(self.state).tone

    @property
    def explanation(self) -> str:
        return explain(InvitationState(self.state), self.error, self.job_run_after)

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in RESENDABLE
