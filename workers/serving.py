"""From names on the command line to what a worker serves: queues of the backend, and plain consumers' channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.routing import ChannelNameRouter, ProtocolTypeRouter
from django.db import router

from workers import compat
from workers.assignment import Assignment
from workers.backend import ChannelsBackend
from workers.models import Job

DEFAULT_CONCURRENCY = 4
MOST_SLOTS = 1000


@dataclass(frozen=True)
class Serving:
    """The assignment, and the channels that go to plain Channels consumers."""

    assignment: Assignment
    consumers: tuple[str, ...]

    def __str__(self) -> str:
        consumers = f" and the consumers on {', '.join(self.consumers)}" if self.consumers else ""
        return f"{', '.join(self.assignment.queues) or 'no queue'}{consumers}"


def resolve(
    application: Any, alias: str, names: Sequence[str], concurrency: int | None = None, *, embedded: bool = False
) -> Serving:
    """What ``names`` mean for the backend ``alias``; none: all its queues. Raises ValueError with the cure.

    A name may carry a limit, as in ``thumbnailer:2``: the most jobs of this queue at once. Without ``concurrency``
    there are as many slots as the limits allow together, when every queue has one, else DEFAULT_CONCURRENCY.
    ``embedded``: for the development server, which serves the plain consumers too.
    """
    backend = backend_named(alias)
    plain = consumer_channels(application)
    if not names and not backend.queue_names:
        raise ValueError(
            f"TASKS[{alias!r}]['QUEUES'] is empty, which allows any queue; so name the queues to serve: "
            "runworker default …"
        )
    limits = limits_of(names)
    names = list(limits) or [*backend.queue_names, *(sorted(plain) if embedded else ())]
    queues = tuple(name for name in names if name not in plain)
    unknown = [name for name in queues if backend.queue_names and name not in backend.queue_names]
    if unknown:
        raise ValueError(
            f"{', '.join(map(repr, unknown))}: no such queue, and no consumer. Queues of TASKS[{alias!r}]: "
            f"{', '.join(backend.queue_names)}. Consumers in the ASGI application's channel router: "
            f"{', '.join(sorted(plain)) or 'none'}."
        )
    limited = {name: limit for name, limit in limits.items() if limit is not None}
    if consumers := [name for name in limited if name in plain]:
        raise ValueError(
            f"{consumers[0]!r} is a plain consumer, which takes one message at a time; name it without a limit."
        )
    if concurrency is None:
        concurrency = sum(limited.values()) if queues and limited.keys() >= set(queues) else DEFAULT_CONCURRENCY
    database = router.db_for_write(Job)
    assignment = Assignment(database, alias, queues, concurrency, backend.settings, embedded, limited)
    return Serving(assignment, tuple(name for name in names if name in plain))


def limits_of(names: Sequence[str]) -> Mapping[str, int | None]:
    """Names as they stand on the command line → their limits; None: as many as there are slots."""
    limits: dict[str, int | None] = {}
    for word in names:
        name, colon, limit = word.partition(":")
        if colon and not (limit.isdecimal() and 1 <= int(limit) <= MOST_SLOTS):
            raise ValueError(f"{word!r}: a limit is a whole number from 1 to {MOST_SLOTS}, as in {name}:2.")
        number = int(limit) if colon else None
        if limits.setdefault(name, number) != number:
            raise ValueError(f"{name!r} is named with two different limits; name each queue once.")
    return limits


def backend_named(alias: str) -> ChannelsBackend:
    """The workers' backend under this alias. Raises ValueError when TASKS has none."""
    try:
        backend = compat.task_backends[alias]
    except Exception as error:
        if alias not in compat.task_backends.settings:
            known = ", ".join(compat.task_backends.settings)
            raise ValueError(f"TASKS has no backend {alias!r}; it has: {known}.") from None
        raise ValueError(f"TASKS[{alias!r}] cannot be loaded ({error}).") from error
    if not isinstance(backend, ChannelsBackend):
        raise ValueError(
            f"TASKS[{alias!r}] is {type(backend).__name__}, which needs no worker. "
            "Set its BACKEND to 'workers.backend.ChannelsBackend'."
        )
    return backend


def consumer_channels(application: Any) -> frozenset[str]:
    """The channels that the application's ChannelNameRouter sends to plain consumers."""
    mapping = application.application_mapping if isinstance(application, ProtocolTypeRouter) else {}
    channel_router = mapping.get("channel")
    known = channel_router.application_mapping if isinstance(channel_router, ChannelNameRouter) else {}
    return frozenset(known)
