"""``manage.py prunejobs``: what the workers do now and then, done now and to the end."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import router

from workers import compat
from workers.conf import Options
from workers.lifecycle.pruning import prunable, prune
from workers.management.database import told_in_a_sentence
from workers.models import Job, JobState
from workers.serving import backend_named


class Command(BaseCommand):
    help = "Delete finished jobs past their keeping (OPTIONS KEEP_FINISHED and KEEP_FAILED), with their attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many.")
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keeping = backend_named(options["backend"]).settings
        except ValueError as error:
            raise CommandError(str(error)) from error
        database, alias = router.db_for_write(Job), options["backend"]
        with told_in_a_sentence():
            if options["dry_run"]:
                self._tell(database, alias, keeping)
            else:
                self._prune(database, alias, keeping)

    def _tell(self, database: str, alias: str, keeping: Options) -> None:
        old = prunable(database, alias, keeping)
        failed = old.filter(state=JobState.FAILED).count()
        others = old.exclude(state=JobState.FAILED).count()
        self.stdout.write(
            f"{jobs(failed + others)} would be deleted: {failed:,} failed, older than {days(keeping.keep_failed)}, "
            f"and {others:,} others, older than {days(keeping.keep_finished)}."
        )

    def _prune(self, database: str, alias: str, keeping: Options) -> None:
        on_terminal = self.stdout.isatty()
        total = prunable(database, alias, keeping).count() if on_terminal else 0
        deleted = 0
        try:
            while batch := prune(database, alias, keeping):
                deleted += batch
                if on_terminal:
                    self.stdout.write(f"\r{deleted:,} of {max(deleted, total):,}", ending="")
                    self.stdout.flush()
        except KeyboardInterrupt:
            raise CommandError(f"Stopped; {jobs(deleted)} deleted so far.") from None
        finally:
            if on_terminal and deleted:
                self.stdout.write("")
        self.stdout.write(f"{jobs(deleted)} deleted.")


def jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"


def days(seconds: float) -> str:
    return "1 day" if seconds == 86400 else f"{seconds / 86400:g} days"
