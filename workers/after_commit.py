"""What is to be done once a transaction is committed, and must keep nothing else from being done."""

from collections.abc import Callable
from typing import Any

from django.db import transaction


def after_commit(database: str | None, call: Callable[..., object], *args: Any) -> None:
    """``call(*args)`` after the commit of the transaction that is open on ``database``, or at once when none is.

    What it raises is logged. For that Django asks a function's name, which a ``functools.partial`` has not: given one,
    it would raise into the caller and leave out the rest.
    """

    def run() -> None:
        call(*args)

    transaction.on_commit(run, using=database, robust=True)
