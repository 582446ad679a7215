"""``manage.py pausequeue QUEUE …``: no worker begins a job of these queues until ``resumequeue``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import router, transaction

from workers import compat, steering
from workers.management.database import told_in_a_sentence
from workers.models import QueuePause


class Command(BaseCommand):
    help = "Pause queues: all workers obey within a second, what runs is finished, and what is due waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="+", metavar="queue")
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")
        parser.add_argument("--by", default="the command line", help="Who; shown in the admin.")

    def handle(self, *args: Any, **options: Any) -> None:
        backend, by = options["backend"], options["by"]
        try:
            with told_in_a_sentence(), transaction.atomic(using=router.db_for_write(QueuePause)):
                told = [(queue, steering.pause(queue, by, backend)) for queue in options["queues"]]
        except ValueError as error:
            raise CommandError(str(error)) from error
        for queue, new in told:
            state = "is paused" if new else "was paused before"
            self.stdout.write(f"{queue} {state}; start it again: manage.py resumequeue {queue}{_alias(backend)}")


def _alias(backend: str) -> str:
    return "" if backend == compat.DEFAULT_TASK_BACKEND_ALIAS else f" --backend {backend}"
