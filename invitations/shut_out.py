"""When the provider refuses this site itself, every mail would be refused: the queue stops, and somebody is called."""

import logging

from workers import steering
from workers.models import QueuePause

logger = logging.getLogger("invitations")

QUEUE = "send-invite"
PAUSE = 60.0
"""Seconds. The mail waits behind the paused queue anyhow; this keeps what was claimed before from running at once."""


def pause_sending(reason: str) -> None:
    """Pauses the queue, with one line in the log for all the mails that meet the refusal at once."""
    if steering.pause(QUEUE, by=f"invitations: {reason}"):
        logger.critical(
            "No invitation is sent any more, and none is lost: %s The queue %s is paused. Put the account or the "
            "settings right (manage.py sendtestinvite you@example.com proves them), then: manage.py resumequeue %s",
            reason,
            QUEUE,
            QUEUE,
        )


def current_pause() -> QueuePause | None:
    """Since when no invitation is sent, and by whom; None: mails go out."""
    return QueuePause.objects.filter(queue=QUEUE).first()
