"""A batch's two acts: making its preview, and sending it, once."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations import inviting, limits
from invitations.batches.inserting import Row, insert
from invitations.batches.marks import Mark, judge
from invitations.models import Batch, new_key
from invitations.plain_words import checked_note
from invitations.tasks import send_invite
from workers import enqueue_many

PREVIEWS_KEPT = 5
"""Of a sender; a page that was opened and left must not fill the database."""


@transaction.atomic
def prepare(sender: User, words: Iterable[str], note: str = "") -> Batch:
    """The preview. Nothing is sent, and nothing reserved. Raises ValidationError for a note that must not be sent."""
    unsent = Batch.objects.filter(sender=sender, sent_at=None)
    kept = unsent.values_list("pk", flat=True)[: PREVIEWS_KEPT - 1]
    unsent.exclude(pk__in=list(kept)).delete()
    marked = judge(sender, words, timezone.now())
    return Batch.objects.create(sender=sender, note=checked_note(note), addresses=marked, total=len(marked))


@transaction.atomic
def send(sender: User, batch_id: UUID, origin: str | None = None) -> tuple[Batch, bool]:
    """Invites whom the preview says, as far as that still holds; True for the first time, False ever after.

    All of them or none. Raises Batch.DoesNotExist unless it is the sender's own, and ValidationError when nobody can be
    invited any more, or not so many today.
    """
    # The lock that single invitations take too: no address can be invited by another page between the look and the act.
    inviting.take_turns(sender)
    batch = Batch.objects.select_for_update().get(pk=batch_id, sender=sender)
    if batch.sent_at:
        return batch, False
    now = timezone.now()
    again = judge(sender, [address for address, mark in batch.addresses if mark == Mark.READY], now)
    ready = [address for address, mark in again if mark == Mark.READY]
    if not ready:
        raise ValidationError(_("Nothing was sent: none of these addresses can be invited any more."))
    _enqueue(ready, sender=sender, origin=origin, batch=batch, note=batch.note)
    limits.check_batch(sender, origin, now, len(ready))
    left_out = [pair for pair in batch.addresses if pair[1] != Mark.READY]
    left_out += [pair for pair in again if pair[1] != Mark.READY]
    batch.addresses, batch.total, batch.sent_at = left_out, len(ready), now
    batch.save()
    return batch, True


def _enqueue(emails: list[str], *, sender: User, **common: Any) -> None:
    """The jobs first: each row is written once, with its job's id. No worker sees either before the commit."""
    ids = [uuid4() for _email in emails]
    jobs = enqueue_many(send_invite.using(owner=sender.pk), [((str(pk),), {}) for pk in ids])
    rows = [Row(pk, email, new_key(), UUID(job)) for pk, email, job in zip(ids, emails, jobs, strict=True)]
    insert(rows, sender=sender, **common)
