"""``manage.py sweepthumbnails``: what was left behind, by rollbacks and crashes, is removed. Once a day is enough."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from thumbnails import sweeping
from thumbnails.management.counting import Counter, told


class Command(BaseCommand):
    help = (
        "Remove files older than a day that no row names, direct uploads that never came, and pictures of rows that "
        "are gone. Safe beside running workers; run it once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        counter, now = Counter(self.stdout), timezone.now()
        try:
            pictures = counter.sum("pictures of rows that are gone", sweeping.sweep_pictures(dry_run=dry_run))
            uploads = sweeping.sweep_uploads(now, dry_run=dry_run)
            files = self._sweep(counter, sweeping.sweep_files(now, dry_run=dry_run))
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on.") from None
        self.stdout.write(
            f"{told(files, 'file')} that no row names, {told(uploads, 'upload')} that never came and "
            f"{told(pictures, 'picture')} of rows that are gone: {'to be removed' if dry_run else 'removed'}."
        )

    def _sweep(self, counter: Counter, batches: Iterable[sweeping.Batch]) -> int:
        removed = 0

        def seen() -> Iterable[int]:
            nonlocal removed
            for batch in batches:
                removed += batch.removed
                yield batch.seen

        counter.sum("files", seen())
        return removed
