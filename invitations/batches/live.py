"""A batch's progress as it changes by itself."""

from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from invitations.batches.progress import conclude, progress_of
from invitations.models import Batch
from invitations.permission import may_invite
from workers.live import Source

LOOK_AGAIN = 10.0
"""Seconds. Of ten thousand events the channel layer may drop the last, and the bar would stand still before its end."""


def render(user: Any, params: Mapping[str, str], job_ids: Set[str] | None) -> str:
    """The bar and the counts; nothing when the batch is not this user's, or is not sent yet."""
    try:
        batch = Batch.objects.defer("addresses").filter(pk=UUID(params.get("batch", "")), sender=user).first()
    except ValueError:
        return ""
    if batch is None or not batch.sent_at:
        return ""
    return render_to_string("invitations/batches/progress.html", shown(batch))


def shown(batch: Batch) -> dict[str, Any]:
    progress = progress_of(batch)
    conclude(batch, progress)
    return {"batch": batch, "progress": progress}


SOURCE = Source("batch", render, may_see=may_invite, every=LOOK_AGAIN)
