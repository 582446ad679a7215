"""What happens to a job, told at once to whoever looks: a message on the channel layer, and never more than that.

The row remains the truth. Only jobs that somebody looks at are told of, those with an owner and those that are watched;
what the layer cannot take is dropped, because whoever missed a message reads the row.
"""

import asyncio
import logging
import os
import re
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from channels.layers import get_channel_layer

from workers.models import Job
from workers.notifier import notifier

logger = logging.getLogger("workers.events")

PAUSE = 0.1
"""Seconds between two rounds of sending: what happens to a job meanwhile is told once."""
MOST = 10_000
"""Jobs whose news may wait for the next round."""
IN_ONE_MESSAGE = 100
SEND_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Event:
    """``progress`` as the task said it; ``new``: the job was just enqueued."""

    id: str
    task: str
    queue: str
    state: str
    attempts: int = 0
    progress: dict[str, Any] | None = None
    new: bool = False
    groups: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As it travels on the layer."""
        return {name: value for name, value in asdict(self).items() if name != "groups"}


def owner_group(owner: object) -> str:
    """The group of all jobs of one owner."""
    name = str(owner)
    plain = re.fullmatch(r"[\w-]{1,64}", name, re.ASCII)
    return f"workers.owner.{name if plain else sha256(name.encode()).hexdigest()}"


def job_group(job_id: object) -> str:
    """The group of one watched job."""
    return f"workers.job.{job_id}"


def groups_of(owner: str, job_id: object, watched: bool) -> tuple[str, ...]:
    return (*([owner_group(owner)] if owner else []), *([job_group(job_id)] if watched else []))


def messages(events: Iterable[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Group by group what is to be sent, in messages of bounded size."""
    by_group: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        for group in event.groups:
            by_group.setdefault(group, []).append(event.told())
    return [
        (group, {"type": "jobs.changed", "jobs": told[start : start + IN_ONE_MESSAGE]})
        for group, told in by_group.items()
        for start in range(0, len(told), IN_ONE_MESSAGE)
    ]


class Broadcaster:
    """Sends the first news at once, and then in rounds, on the loop of the notifier. Never waits, never raises."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsent: dict[str, Event] = {}
        self._sending: Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failing = False

    def tell(self, event: Event) -> None:
        try:
            with self._lock:
                before = self._unsent.get(event.id)
                if before is None and len(self._unsent) >= MOST:
                    return
                self._unsent[event.id] = replace(event, new=True) if before and before.new else event
                loop = notifier.loop()
                if self._sending is None or self._sending.done() or self._loop is not loop:
                    self._loop = loop
                    self._sending = asyncio.run_coroutine_threadsafe(self._send_all(), loop)
        except Exception:
            logger.debug("An event of job %s was not told.", event.id, exc_info=True)

    def flush(self, timeout: float = 1.0) -> None:
        """Wait until everything is sent, at most ``timeout`` seconds. Not to be called on the loop itself."""
        sending = self._sending
        if sending is not None:
            try:
                sending.result(timeout)
            except Exception:
                logger.debug("Events were left unsent.")

    async def _send_all(self) -> None:
        while True:
            with self._lock:
                if not self._unsent:
                    self._sending = None
                    return
                unsent, self._unsent = self._unsent, {}
            await self._send(messages(unsent.values()))
            await asyncio.sleep(PAUSE)

    async def _send(self, round_: list[tuple[str, dict[str, Any]]]) -> None:
        try:
            layer: Any = get_channel_layer()
            if "groups" not in getattr(layer, "extensions", ()):
                return
            async with asyncio.timeout(SEND_TIMEOUT):
                for group, message in round_:
                    await layer.group_send(group, message)
            self._failing = False
        except Exception as error:
            # Once per outage, and quietly: the notifier and the workers tell of it loudly.
            log = logger.debug if self._failing else logger.info
            log("The channel layer took no events (%r). Pages show them at their next reload.", error)
            self._failing = True


broadcaster = Broadcaster()


def tell(job: Job, state: str = "", *, spent: int = 0) -> None:
    """News of a job that has an owner or is watched; of others, nothing. ``state``, and the attempts ``spent`` on the
    way there, when the row is older."""
    if job.owner or job.watched:
        state, attempts = str(state or job.state), job.attempts + spent
        groups = groups_of(job.owner, job.id, job.watched)
        broadcaster.tell(Event(str(job.id), job.task, job.queue, state, attempts, job.progress, groups=groups))


def tell_enqueued(owner: str, ids: Iterable[object], task: str, queue: str, state: str) -> None:
    """Jobs of an owner were enqueued, and that was committed."""
    groups = (owner_group(owner),)
    for job_id in ids:
        broadcaster.tell(Event(str(job_id), task, queue, state, new=True, groups=groups))


def tell_pages_of(owner: object) -> None:
    """Something changed that this owner's pages show, though it happened to no job: they show everything anew."""
    broadcaster.tell(Event(f"pages of {owner}", "", "", "", new=True, groups=(owner_group(owner),)))


os.register_at_fork(after_in_child=lambda: broadcaster.__init__())  # type: ignore[misc]
