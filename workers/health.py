"""``/healthz`` and ``/readyz``: is this web process up, and does all that it needs answer?

A middleware, the first in MIDDLEWARE, and not two URLs: a load balancer speaks plain HTTP inside and calls a process by
its address, which SECURE_SSL_REDIRECT would redirect and ALLOWED_HOSTS refuse; and nothing of a session is wanted when
the database is down. The answers name what fails and nothing more; the log has the reason.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import closing

from channels.layers import get_channel_layer
from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from workers.models import Job
from workers.notifier import notifier
from workers.outage import on_one_line

logger = logging.getLogger("workers.health")

PATIENCE = 2.0
"""Seconds in which everything must have answered."""
KEEP = 1.0
"""Seconds for which an answer is given again, however many ask."""
OK = "ok"
NO_ANSWER = f"no answer within {PATIENCE:g} s"


class Look:
    """A question to something that may hang: asked in a thread of its own, and never twice at once."""

    def __init__(self, question: Callable[[], str]) -> None:
        self._question = question
        self._answer: Future[str] = Future()
        self._answer.set_result(OK)

    def begin(self) -> Future[str]:
        """The answer to come. One that is overdue is waited for again: what hangs must not pile up."""
        if self._answer.done():
            self._answer = Future()
            threading.Thread(target=self._ask, args=(self._answer,), name="readiness", daemon=True).start()
        return self._answer

    def _ask(self, answer: Future[str]) -> None:
        try:
            answer.set_result(self._question())
        except BaseException as error:
            answer.set_exception(error)


class Readiness:
    """What each of the questions was answered, at most KEEP seconds ago."""

    def __init__(self, questions: Mapping[str, Callable[[], str]]) -> None:
        self._lock = threading.Lock()
        self._looks = {name: Look(question) for name, question in questions.items()}
        self._said = dict.fromkeys(questions, OK)
        self._valid_until = 0.0

    def ask(self) -> dict[str, str]:
        """Name → "ok", or what is wrong, in words without any secret; within PATIENCE seconds."""
        with self._lock:
            if time.monotonic() >= self._valid_until:
                answers = {name: look.begin() for name, look in self._looks.items()}
                wait(answers.values(), PATIENCE)
                self._said = {name: self._said_by(name, answer) for name, answer in answers.items()}
                self._valid_until = time.monotonic() + KEEP
            return self._said

    def _said_by(self, name: str, answer: Future[str]) -> str:
        error = answer.exception() if answer.done() else TimeoutError()
        said = answer.result() if error is None else _without_secrets(error)
        if said != self._said[name]:
            # Only here, and once: what a driver says names hosts and users.
            detail = f"{said}: {on_one_line(error)}" if error and said != NO_ANSWER else said
            logger.warning("Readiness of the %s: %s.", name, detail)
        return said


def _without_secrets(error: BaseException) -> str:
    return NO_ANSWER if isinstance(error, TimeoutError) else f"failed ({type(error).__name__})"


def databases() -> list[str]:
    """The default one, and the jobs'."""
    return list(dict.fromkeys([DEFAULT_DB_ALIAS, router.db_for_write(Job)]))


def ask_database() -> str:
    for alias in databases():
        with closing(connections[alias]), connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    return OK


def ask_layer() -> str:
    """Leave a group where nobody is: the one question of Channels' API that a layer answers at once."""
    layer = get_channel_layer()
    if layer is None:
        return "CHANNEL_LAYERS has no default"
    if "groups" in layer.extensions:
        asyncio.run_coroutine_threadsafe(_leave_a_group(layer), notifier.loop()).result(PATIENCE + KEEP)
    return OK


async def _leave_a_group(layer: object) -> None:
    async with asyncio.timeout(PATIENCE):
        await layer.group_discard("workers.nobody", "workers.nobody")  # type: ignore[attr-defined]


class Migrations:
    """Once all are applied this is not asked again: neither they nor this release's code change under a process."""

    def __init__(self) -> None:
        self._all_applied = False

    def __call__(self) -> str:
        missing = 0 if self._all_applied else sum(map(unapplied, databases()))
        if missing:
            return f"{missing} not applied; run: python manage.py migrate"
        self._all_applied = True
        return OK


def unapplied(alias: str) -> int:
    """How many migrations of this release this database lacks."""
    with closing(connections[alias]) as connection:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


readiness = Readiness({"database": ask_database, "migrations": Migrations(), "layer": ask_layer})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200: this process answers. It asks nobody else."""
    return JsonResponse({"alive": True})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503, with what each part says by its name."""
    said = readiness.ask()
    ready = all(each == OK for each in said.values())
    return JsonResponse({"ready": ready, **said}, status=200 if ready else 503)


PROBES = {"/healthz": healthz, "/readyz": readyz}


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return get_response(request)
        response = probe(request)
        response["Cache-Control"] = "no-store"
        return response

    return answer
