"""``manage.py runserver``: web and worker in one process, through autoreload, with no Redis."""

from typing import Any

from daphne.management.commands import runserver as daphne_runserver
from django.core.management import CommandError
from django.core.management.base import CommandParser

from workers.embedded import DevelopmentServer, ServerWithWorker
from workers.serving import backend_named


class Command(daphne_runserver.Command):
    help = "The development server, with a worker for every queue inside."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--no-worker", action="store_true", help="Only the web server; jobs wait for `manage.py runworker`."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backend_named("default")
            self.server_cls = DevelopmentServer if options["no_worker"] else ServerWithWorker
        except ValueError as error:
            raise CommandError(f"{error} Or run the server alone: --no-worker.") from error
        super().handle(*args, **options)
