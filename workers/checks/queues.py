"""Queues are channels: their names must be such, and nobody else's."""

from collections import defaultdict
from typing import Any

from channels.routing import get_default_application
from django.core.checks import CheckMessage, Error, Warning, register

from workers import compat
from workers.backend import ChannelsBackend
from workers.backends import channels_backends
from workers.message import CHANNEL_NAME
from workers.models import Job
from workers.serving import consumer_channels

LONGEST_ALIAS = Job._meta.get_field("backend").max_length or 0


@register
def check_queues(**kwargs: Any) -> list[CheckMessage]:
    consumers = consumers_of_this_project()
    return [problem for backend in channels_backends() for problem in problems(backend, consumers)]


@register
def check_shared_queues(**kwargs: Any) -> list[CheckMessage]:
    users: dict[str, list[str]] = defaultdict(list)
    for backend in channels_backends():
        for queue in dict.fromkeys(backend.queue_names):
            users[queue].append(backend.alias)
    return [
        Warning(
            f"The queue {queue!r} stands in {' and '.join(f'TASKS[{alias!r}]' for alias in aliases)}. They share its "
            "channel, so that each wakes the other's workers for nothing.",
            hint="Give the queue another name in one of them.",
            id="workers.W005",
        )
        for queue, aliases in users.items()
        if len(aliases) > 1
    ]


def problems(backend: ChannelsBackend, consumers: frozenset[str]) -> list[CheckMessage]:
    """What is wrong with one backend's queues, given the channels of plain consumers."""
    name = f"TASKS[{backend.alias!r}]"
    found: list[CheckMessage] = []
    for queue in backend.queue_names:
        if not isinstance(queue, str) or not CHANNEL_NAME.fullmatch(queue):
            found.append(
                Error(
                    f"{name}['QUEUES']: {queue!r} cannot be the name of a channel.",
                    hint="Use letters, digits, hyphens, underscores and periods, fewer than 100 in all.",
                    id="workers.E006",
                )
            )
        elif queue in consumers:
            found.append(
                Error(
                    f"{name}['QUEUES']: {queue!r} is also a channel of a consumer in the ASGI application's channel "
                    "router, which would get the queue's wake-ups.",
                    hint="Give the queue or the consumer another name.",
                    id="workers.E008",
                )
            )
    if backend.queue_names and compat.DEFAULT_TASK_QUEUE_NAME not in backend.queue_names:
        found.append(
            Error(
                f"{name}['QUEUES'] lacks {compat.DEFAULT_TASK_QUEUE_NAME!r}, the queue of every task that names none.",
                hint=f"Add {compat.DEFAULT_TASK_QUEUE_NAME!r}, or set QUEUES to [], which allows any name.",
                id="workers.E007",
            )
        )
    if len(backend.alias) > LONGEST_ALIAS:
        found.append(
            Error(
                f"{name}: the alias is longer than a job can keep.",
                hint=f"Shorten it to at most {LONGEST_ALIAS} characters.",
                id="workers.E009",
            )
        )
    return found


def consumers_of_this_project() -> frozenset[str]:
    try:
        return consumer_channels(get_default_application())
    except Exception:
        # An application that cannot be imported is told where it is served.
        return frozenset()
