"""The mark that an attempt leaves when it begins and when it ends."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.chaos.marks import FOLDER, MarkFile, executions


@cache
def file() -> MarkFile:
    return executions(Path(os.environ[FOLDER]))


@contextmanager
def attempt(context: Any, key: str) -> Iterator[str]:
    """Gives a nonce of this attempt: the task returns it, so the recorded result tells whose outcome was recorded."""
    nonce = secrets.token_hex(6)
    worker = context.task_result.worker_ids[-1]
    file().add(event="start", key=key, nonce=nonce, pid=os.getpid(), worker=worker)
    end = "ok"
    try:
        yield nonce
    except BaseException as error:
        end = type(error).__name__
        raise
    finally:
        file().add(event="end", nonce=nonce, end=end)
