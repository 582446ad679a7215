"""What a live page shows, and what may be done from it. Registered by the apps; the socket knows nothing of them."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """An action was not carried out; the message says why, for the user to read."""


def _nothing_to_do(user: Any, action: str, values: Mapping[str, str]) -> str:
    raise Refused("This page has no such action.")


@dataclass(frozen=True, slots=True)
class Source:
    """Both functions run in a thread, with the database, and must look themselves at whose rows they touch.

    ``render(user, params, job_ids)`` gives HTML whose topmost elements have ids; those of the page that have the same
    ids are changed to them. ``params`` is the page's query, and ``csrf_token`` for the forms in it, which go the
    ordinary way while the socket is closed. ``job_ids`` are those that changed, None means everything: at the start,
    after a reconnect, and when a job is new.
    ``act(user, action, values)`` does what a form with ``ws-send`` asks for and says what it did; raises Refused.
    ``may_see(user)`` is asked again before each push.
    ``every``: also render everything each so many seconds, job or no job.
    """

    name: str
    render: Callable[[Any, Mapping[str, str], Set[str] | None], str]
    act: Callable[[Any, str, Mapping[str, str]], str] = _nothing_to_do
    may_see: Callable[[Any], bool] = lambda user: True
    every: float | None = None


_registered: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make it known to the socket, instead of an earlier one of the same name."""
    _registered[source.name] = source


def find(name: str) -> Source | None:
    return _registered.get(name)
