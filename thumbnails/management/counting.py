"""Shows how far a command is, on a terminal and only there."""

from collections.abc import Callable, Iterable
from typing import Any


class Counter:
    def __init__(self, stdout: Any) -> None:
        self._stdout, self._is_seen = stdout, stdout.isatty()

    def sum(self, what: str, counts: Iterable[int], total: Callable[[], int] = lambda: 0) -> int:
        """Adds up what comes, and shows the sum as it grows. ``total`` is asked only when somebody looks."""
        all_of_it = total() if self._is_seen else 0
        done = 0
        for count in counts:
            done += count
            if self._is_seen:
                of = f" of {max(done, all_of_it):,}" if all_of_it else ""
                self._stdout.write(f"\r{done:,}{of} {what}", ending="")
                self._stdout.flush()
        if self._is_seen and done:
            self._stdout.write("")
        return done


def told(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
