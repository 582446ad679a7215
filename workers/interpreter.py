"""Whose turn it is in the one interpreter that the threads of a process share."""

import time

MOMENT = 0.00005
"""Seconds; the system takes about twice as many."""


def give_way(seconds: float = MOMENT) -> None:
    """Let the thread that was just told begin: else it waits for the interpreter until this one waits for something."""
    time.sleep(seconds)
