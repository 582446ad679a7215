"""From names on the command line to what a worker serves: queues of the backend, and plain consumers' channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from channels.routing import ChannelNameRouter, ProtocolTypeRouter
from django.db import router

from workers import compat
from workers.assignment import Assignment
from workers.backend import ChannelsBackend
from workers.models import Job


@dataclass(frozen=True)
class Serving:
    """The assignment, and the channels that go to plain Channels consumers."""

    assignment: Assignment
    consumers: tuple[str, ...]

    def __str__(self) -> str:
        consumers = f" and the consumers on {', '.join(self.consumers)}" if self.consumers else ""
        return f"{', '.join(self.assignment.queues) or 'no queue'}{consumers}"


def resolve(application: Any, alias: str, names: Sequence[str], concurrency: int, *, embedded: bool = False) -> Serving:
    """What ``names`` mean for the backend ``alias``; none: all its queues. Raises ValueError with the cure.

    ``embedded``: for the development server, which serves the plain consumers too.
    """
    backend = backend_named(alias)
    plain = consumer_channels(application)
    if not names and not backend.queue_names:
        raise ValueError(
            f"TASKS[{alias!r}]['QUEUES'] is empty, which allows any queue; so name the queues to serve: "
            "runworker default …"
        )
    names = list(dict.fromkeys(names or (*backend.queue_names, *(sorted(plain) if embedded else ()))))
    queues = tuple(name for name in names if name not in plain)
    unknown = [name for name in queues if backend.queue_names and name not in backend.queue_names]
    if unknown:
        raise ValueError(
            f"{', '.join(map(repr, unknown))}: no such queue, and no consumer. Queues of TASKS[{alias!r}]: "
            f"{', '.join(backend.queue_names)}. Consumers in the ASGI application's channel router: "
            f"{', '.join(sorted(plain)) or 'none'}."
        )
    assignment = Assignment(router.db_for_write(Job), alias, queues, concurrency, backend.settings, embedded)
    return Serving(assignment, tuple(name for name in names if name in plain))


def backend_named(alias: str) -> ChannelsBackend:
    """The workers' backend under this alias. Raises ValueError when TASKS has none."""
    try:
        backend = compat.task_backends[alias]
    except Exception as error:
        raise ValueError(f"TASKS has no backend {alias!r} that can be loaded ({error}).") from error
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
