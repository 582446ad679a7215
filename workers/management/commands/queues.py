"""``manage.py queues``: how the queues stand, for people and, with ``--json``, for autoscalers."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import router

from workers import clock, compat, crews, figures, unserved
from workers.depths import Count
from workers.figures import QueueFigures
from workers.management.database import told_in_a_sentence
from workers.models import Job
from workers.serving import backend_named

NOTHING = "–"


def spelled(seconds: float | None) -> str:
    """12 ms, 3.4 s, 5 min, 2.5 h."""
    if seconds is None:
        return NOTHING
    for size, unit, form in ((3600, "h", ".1f"), (60, "min", ".0f"), (1, "s", ".1f")):
        if seconds >= size:
            return f"{seconds / size:{form}} {unit}"
    return f"{seconds * 1000:.0f} ms"


COLUMNS: dict[str, Callable[[QueueFigures], str]] = {
    "queue": lambda queue: queue.queue + (" (paused)" if queue.paused else ""),
    "ready": lambda queue: str(queue.ready),
    "scheduled": lambda queue: str(queue.scheduled),
    "oldest due": lambda queue: spelled(queue.oldest_due),
    "running": lambda queue: str(queue.running),
    "workers": lambda queue: str(queue.workers),
    "slots": lambda queue: str(queue.slots),
    "done/min": lambda queue: f"{queue.done_per_minute:.1f}",
    "failed/min": lambda queue: f"{queue.failed_per_minute:.1f}",
    "wait p50": lambda queue: spelled(queue.wait_median),
    "wait p95": lambda queue: spelled(queue.wait_p95),
    "run p50": lambda queue: spelled(queue.run_median),
    "run p95": lambda queue: spelled(queue.run_p95),
}


class Command(BaseCommand):
    help = "Show every queue: what waits and runs, who serves it, and how fast it went in the last five minutes."
    # An autoscaler asks often, and about the queues only.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON document; times in seconds.")
        parser.add_argument("--backend", default=compat.DEFAULT_TASK_BACKEND_ALIAS, help="Alias in TASKS.")

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["backend"]
        try:
            bound = backend_named(alias).settings.heartbeat_bound
        except ValueError as error:
            raise CommandError(str(error)) from error
        database = router.db_for_write(Job)
        with told_in_a_sentence():
            queues = figures.queues(database, alias)
            waiting = unserved.unserved(database, alias, bound)
            if options["json"]:
                self.stdout.write(self._document(database, alias, bound, queues, waiting))
                return
        self.stdout.write(table([list(COLUMNS), *([cell(queue) for cell in COLUMNS.values()] for queue in queues)]))
        for name, count in waiting.items():
            self.stdout.write(self.style.WARNING(unserved.complaint(alias, name, count)))

    def _document(
        self, database: str, alias: str, bound: float, queues: list[QueueFigures], waiting: dict[str, int]
    ) -> str:
        now = clock.now(database)
        crew = crews.crew(database, alias, now, bound)
        document = {
            "backend": alias,
            "at": now.isoformat(),
            "workers": crew.workers,
            "slots": crew.slots,
            "queues": [plain(queue) for queue in queues],
            "unserved": waiting,
        }
        return json.dumps(document, indent=2, ensure_ascii=False)


def plain(queue: QueueFigures) -> dict[str, Any]:
    """``ready_capped``: there may be more than ``ready`` says."""
    values = asdict(queue)
    for name in ("ready", "scheduled"):
        count: Count = getattr(queue, name)
        values |= {name: count.number, f"{name}_capped": count.capped}
    return values


def table(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
