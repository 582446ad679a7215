"""``manage.py runworker [CHANNEL …]``: Channels' own command, grown up."""

import asyncio
import os
import sys
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer
from channels.management.commands import runworker as channels_runworker
from channels.routing import get_default_application
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from workers import compat
from workers.serving import Serving, resolve
from workers.worker import Worker

LONGEST_GRACE = 86400


class Command(channels_runworker.Command):
    help = "Run jobs of the named queues (all of the backend's when none is named), and plain Channels consumers."
    worker_class = Worker

    def add_arguments(self, parser: CommandParser) -> None:
        BaseCommand.add_arguments(self, parser)
        parser.add_argument("channels", nargs="*", help="Queues, and channels of plain consumers, to serve.")
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")
        parser.add_argument("--layer", default=DEFAULT_CHANNEL_LAYER, help="Alias in CHANNEL_LAYERS.")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=os.environ.get("WORKER_CONCURRENCY") or 4,
            help="Jobs at once; $WORKER_CONCURRENCY, else 4.",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=25.0,
            help="Seconds that running jobs have to finish after SIGTERM; 25, under Heroku's 30.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        layer = self._layer(options["layer"])
        application = get_default_application()
        serving = self._serving(application, options)
        worker = self.worker_class(
            application=application,
            channels=[*serving.assignment.queues, *serving.consumers],
            channel_layer=layer,
            assignment=serving.assignment,
        )
        self.stdout.write(f"Serving {serving} with {options['concurrency']} slots. Stop with SIGTERM or CONTROL-C.")
        clean = asyncio.run(worker.arun(options["grace"]))
        if not clean or worker.exit_code:
            # A thread still runs a task whose job was given back: nothing may come between, not even atexit.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(worker.exit_code)

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

    def _serving(self, application: Any, options: dict[str, Any]) -> Serving:
        if options["concurrency"] < 1:
            raise CommandError("--concurrency must be at least 1.")
        if not 0 <= options["grace"] <= LONGEST_GRACE:
            raise CommandError(f"--grace is a number of seconds from 0 to {LONGEST_GRACE}.")
        try:
            return resolve(application, options["backend"], options["channels"], options["concurrency"])
        except ValueError as error:
            raise CommandError(str(error)) from error
