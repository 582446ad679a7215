"""The wake-up that travels on a channel: ``{"type": "job.ready", "id": "<job id>"}`` and nothing else."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

JOB_READY = "job.ready"
CHANNEL_NAME = re.compile(r"[A-Za-z0-9._-]{1,99}")
"""What Channels allows, and so every queue."""


def wake_up(job_id: UUID | str) -> dict[str, str]:
    return {"type": JOB_READY, "id": str(job_id)}


def complaint(message: Any) -> str | None:
    """Why ``message`` is no wake-up, or None when it is one. Its id is only told, never relied on."""
    if not isinstance(message, Mapping):
        return f"it is a {type(message).__name__} and not a dict"
    if message.get("type") != JOB_READY:
        return f"its type is {message.get('type')!r} and not {JOB_READY!r}"
    try:
        UUID(str(message.get("id")))
    except ValueError:
        return f"its id {message.get('id')!r} is no job id"
    return None
