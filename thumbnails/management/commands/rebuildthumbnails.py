"""``manage.py rebuildthumbnails``: after the specs changed, what is missing or outdated is made, and only that."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management import BaseCommand, CommandError

from thumbnails import adopting, rebuilding
from thumbnails.conf import Rules
from thumbnails.management.counting import Counter, told
from thumbnails.models import Picture, Rendition
from thumbnails.registry import all_fields


class Command(BaseCommand):
    help = (
        "Enqueue every picture that lacks a rendition, or has outdated ones; also rows of picture fields that were "
        "written past their signals. May be stopped and run again: nothing is enqueued twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many.")
        parser.add_argument("--only", action="append", metavar="SPEC", help="Only pictures that lack this one.")
        parser.add_argument(
            "--all", action="store_true", help="As if all were outdated; and try again what was refused."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only, everything, dry_run = check(options["only"] or []), options["all"], options["dry_run"]
        counter = Counter(self.stdout)
        try:
            adopted = counter.sum("rows without their picture", adopting.adopt(dry_run=dry_run))
            if everything and not dry_run:
                counter.sum("outdated", rebuilding.outdate(only), Rendition.objects.count)
            pages = rebuilding.rebuild(only, everything=everything, dry_run=dry_run)
            due = self._rebuild(counter, pages)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again without --all to go on where it stopped.") from None
        if dry_run:
            more = f", and {told(adopted, 'row')} of other apps without their picture" if adopted else ""
            self.stdout.write(f"{told(due, 'picture')} would be enqueued{more}.")
        else:
            self.stdout.write(f"{told(due, 'picture')} enqueued.")

    def _rebuild(self, counter: Counter, pages: Iterable[rebuilding.Page]) -> int:
        due = 0

        def seen() -> Iterable[int]:
            nonlocal due
            for page in pages:
                due += page.due
                yield page.seen

        counter.sum("pictures", seen(), Picture.objects.count)
        return due


def check(only: list[str]) -> list[str]:
    """Raises CommandError for a spec that no picture is made by."""
    known = {spec.name for spec in Rules.current().specs}
    known |= {spec.name for field in all_fields() for spec in field.wanted()}
    for name in only:
        if name not in known:
            raise CommandError(f"There is no spec {name!r}; there are {', '.join(sorted(known))}.")
    return only
