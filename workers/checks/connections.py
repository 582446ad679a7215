"""How many database connections web, workers and release may open, against what the plan allows."""

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import connections, router

from workers.models import Job

DEFAULT_POOL = 4
DEFAULT_LINES = 2


@register
def check_connections(**kwargs: Any) -> list[CheckMessage]:
    """Weaknesses: each line of the Procfile counts once, however many are started of it; and only one worker process
    at a time is thought to be replaced."""
    connection = connections[router.db_for_write(Job)]
    allowed = getattr(settings, "DB_CONNECTIONS", None)
    pool = connection.settings_dict["OPTIONS"].get("pool")
    if connection.vendor != "postgresql" or allowed is None or not pool:
        return []
    size, workers = pool_size(pool), worker_processes()
    needed = connections_needed(size, workers)
    if needed <= allowed:
        return []
    return [
        Warning(
            f"Up to {needed} database connections may be open, and DB_CONNECTIONS allows {allowed}: "
            f"{size} by the web process, {size + 1} by each of {workers} worker processes and by one that is being "
            "replaced, 1 by a release.",
            hint="Make the pool smaller (DB_POOL_SIZE), start fewer worker processes, or take a larger database plan "
            "and say so in DB_CONNECTIONS.",
            id="workers.W006",
        )
    ]


def connections_needed(pool: int, workers: int) -> int:
    """One web process with its pool; per worker its pool and the ledger's own connection; one for the release.

    One worker more: a process that is recycled, or has a stuck task, lives on beside its successor for its grace.
    """
    return pool + (workers + 1) * (pool + 1) + 1


def pool_size(pool: Any) -> int:
    options = pool if isinstance(pool, dict) else {}
    # As psycopg_pool reads it: without a maximum the pool keeps its minimum.
    return options.get("max_size") or options.get("min_size", DEFAULT_POOL)


def worker_processes() -> int:
    """Those that the Procfile's lines start; two lines are assumed when there is no Procfile to read."""
    root = getattr(settings, "BASE_DIR", None) or getattr(settings, "ROOT", None)
    try:
        lines = Path(root or "", "Procfile").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        lines = ["worker: runworker"] * DEFAULT_LINES
    return sum(processes_of(line) for line in lines if re.match(r"[\w-]+:.*\brunworker\b", line))


def processes_of(line: str) -> int:
    """``--processes`` of a command line, else $WORKER_PROCESSES, else 1; ``runworker`` itself refuses bad values."""
    given = re.search(r"--processes[ =]+(\d+)", line)
    number = given[1] if given else os.environ.get("WORKER_PROCESSES") or ""
    return int(number) if number.isdecimal() else 1
