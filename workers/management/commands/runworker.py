"""``manage.py runworker [CHANNEL …]``: Channels' own command, grown up."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer
from channels.management.commands import runworker as channels_runworker
from channels.routing import get_default_application
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from workers import compat, supervised, supervisor_program
from workers.json_lines import writes_json
from workers.management import health_listener
from workers.management.sizes import Sizes
from workers.serving import Serving, resolve
from workers.worker import Worker

logger = logging.getLogger("workers")


class Command(channels_runworker.Command):
    """From the command line, a supervisor of worker processes; from ``call_command``, one worker in this process."""

    help = "Run jobs of the named queues (all of the backend's when none is named), and plain Channels consumers."
    worker_class = Worker
    lifeline: supervised.Lifeline | None = None
    _supervises = False

    def run_from_argv(self, argv: list[str]) -> None:
        self.lifeline = supervised.from_environment()
        self._supervises = self.lifeline is None
        if self.lifeline:
            # The supervisor's process had them checked before it became the supervisor.
            self.requires_system_checks: Sequence[str] = []
        super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        BaseCommand.add_arguments(self, parser)
        parser.add_argument(
            "channels",
            nargs="*",
            help="Queues, and channels of plain consumers, to serve. QUEUE:N runs at most N of its jobs at once.",
        )
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")
        parser.add_argument("--layer", default=DEFAULT_CHANNEL_LAYER, help="Alias in CHANNEL_LAYERS.")
        Sizes.add_arguments(parser)
        health_listener.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sizes = Sizes.chosen(options)
            listener = health_listener.listen(options) if self._supervises else None
            layer = self._layer(options["layer"])
            application = get_default_application()
            serving = resolve(application, options["backend"], options["channels"], sizes.concurrency)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if not self.lifeline:
            self._announce(serving, sizes.processes if self._supervises else 1)
        if self._supervises:
            become_supervisor(sizes, listener)
        worker = self.worker_class(
            application=application,
            channels=[*serving.assignment.queues, *serving.consumers],
            channel_layer=layer,
            assignment=serving.assignment,
            limits=sizes.limits,
            lifeline=self.lifeline,
        )
        clean = asyncio.run(worker.arun(sizes.grace))
        if not clean or worker.exit_code:
            # A thread still runs a task whose job was given back: nothing may come between, not even atexit.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(worker.exit_code)

    def _announce(self, serving: Serving, processes: int) -> None:
        slots = f"{serving.assignment.concurrency} slots"
        where = slots if processes == 1 else f"{processes} processes of {slots} each"
        text = f"Serving {serving} with {where}. Stop with SIGTERM or CONTROL-C."
        logger.info(text) if writes_json(logger) else self.stdout.write(text)

    def _layer(self, alias: str) -> Any:
        layer = get_channel_layer(alias)
        if layer is None:
            known = ", ".join(channel_layers.configs) or "none"
            raise CommandError(
                f"CHANNEL_LAYERS has no {alias!r}; it has: {known}. Name another with --layer, or add it."
            )
        if isinstance(layer, InMemoryChannelLayer):
            raise CommandError(
                "runworker cannot hear anything on the in-memory channel layer, which no two processes share. "
                "Set REDIS_URL=redis://… for the web and the worker processes; or, to develop without Redis, use "
                "`manage.py runserver`, which runs the worker inside."
            )
        return layer


def become_supervisor(sizes: Sizes, listener: socket.socket | None) -> None:
    """Replace this program, which has imported all of Django, by a small one under the same process id. The children
    are started with this very command line. ``listener`` is where it answers for its health. Does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    # Without site and without its own folder in the path: nothing but the standard library can be imported.
    program = [sys.executable, "-S", "-P", supervisor_program.__file__]
    arguments = ["--processes", str(sizes.processes), "--grace", str(sizes.grace)]
    if writes_json(logger):
        arguments.append("--json")
    if listener:
        listener.set_inheritable(True)
        arguments += ["--health-socket", str(listener.fileno())]
    os.execv(sys.executable, [*program, *arguments, "--", sys.executable, *sys.orig_argv[1:]])  # noqa: S606
