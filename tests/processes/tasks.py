"""Tasks that leave marks in a folder, outside the runner's tables, and tasks that hurt the process they run in."""

import ctypes
import os
import time
from pathlib import Path
from typing import Any

from django.db import connection

from workers import Constant, Snooze, task
from workers.models import Job

held: list[bytes] = []


def leave_mark(folder: str, what: str) -> None:
    with (Path(folder) / "marks").open("a") as marks:
        marks.write(f"{what} {os.getpid()}\n")


@task
def mark(folder: str, name: str) -> None:
    leave_mark(folder, name)


@task
def hold(folder: str, name: str) -> None:
    """Runs until the folder has a file ``open``."""
    leave_mark(folder, name)
    while not (Path(folder) / "open").exists():
        time.sleep(0.02)
    leave_mark(folder, f"{name}-done")


@task
def nap(folder: str) -> None:
    """Short enough to be claimed ahead."""
    time.sleep(0.02)
    leave_mark(folder, "nap")


@task(timeout=0.5)
def sleep_in_c(folder: str, name: str) -> None:
    """Nothing thrown into its thread arrives before the sleep is over."""
    leave_mark(folder, name)
    time.sleep(600)


@task(timeout=0.5, max_attempts=2, backoff=Constant(0), takes_context=True)
def sleep_in_c_at_first(context: Any, folder: str, name: str) -> None:
    leave_mark(folder, f"{name}-{context.attempt}")
    if context.attempt == 1:
        time.sleep(600)


@task
def leave_at_once(folder: str, name: str) -> None:
    leave_mark(folder, name)
    os._exit(7)


@task
def hold_and_leave(folder: str, name: str) -> None:
    """Runs until the folder has a file ``open``, and then kills its process."""
    leave_mark(folder, name)
    while not (Path(folder) / "open").exists():
        time.sleep(0.02)
    os._exit(7)


@task
def segfault(folder: str, name: str) -> None:
    leave_mark(folder, name)
    ctypes.string_at(0)


@task
def grow(folder: str, name: str, megabytes: int) -> None:
    leave_mark(folder, name)
    held.append(b"x" * (megabytes * 1024 * 1024))


@task
def query(folder: str, name: str) -> None:
    """Done, and marked, only if the database answers."""
    Job.objects.exists()
    leave_mark(folder, name)


@task
def query_and_hold(folder: str, name: str, gate: str) -> None:
    """Has used the database, and then runs until the folder has a file named like the gate."""
    query.func(folder, name)
    while not (Path(folder) / gate).exists():
        time.sleep(0.02)
    leave_mark(folder, f"{name}-done")


@task(timeout=1)
def sleep_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")


@task
def walk_through_jobs() -> int:
    """Row by row outside a transaction, as the choices of a form are read."""
    return sum(1 for _ in Job.objects.iterator(chunk_size=1))


@task(max_attempts=2, backoff=Constant(0), takes_context=True)
def fail_at_first(context: Any, folder: str, name: str) -> None:
    leave_mark(folder, f"{name}-{context.attempt}")
    if context.attempt == 1:
        raise ConnectionError(name)


@task(max_attempts=2, backoff=Constant(1), takes_context=True)
def fail_and_wait_a_second(context: Any, folder: str, name: str) -> None:
    fail_at_first.func(context, folder, name)


@task
def snooze_a_second(folder: str, name: str) -> None:
    leave_mark(folder, name)
    if not (Path(folder) / f"{name}-over").exists():
        (Path(folder) / f"{name}-over").touch()
        raise Snooze(1)


@task
def tell_time(folder: str, name: str) -> float:
    """The wall clock of this process."""
    leave_mark(folder, name)
    return time.time()
