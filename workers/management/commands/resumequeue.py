"""``manage.py resumequeue QUEUE …``: workers take the jobs of these queues again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import router, transaction

from workers import compat, steering
from workers.management.database import told_in_a_sentence
from workers.models import QueuePause


class Command(BaseCommand):
    help = "End the pause of queues; workers are woken at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="+", metavar="queue")
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with told_in_a_sentence(), transaction.atomic(using=router.db_for_write(QueuePause)):
                told = [(queue, steering.resume(queue, options["backend"])) for queue in options["queues"]]
        except ValueError as error:
            raise CommandError(str(error)) from error
        for queue, ended in told:
            self.stdout.write(f"{queue} goes on." if ended else f"{queue} was not paused.")
