"""How long to wait before the next attempt.

A backoff is any callable ``(exception, task_result) -> seconds | None``; None means: give up. The signature
follows the proposal for Django itself (django/new-features #142). These are frozen dataclasses, so that tasks
stay picklable.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Backoff = Callable[[BaseException, Any], float | None]


def ceiling(attempt: int, base: float, factor: float, cap: float) -> float:
    """The longest wait, in seconds, after attempt number ``attempt`` (from 1): base, base×factor, … up to cap."""
    try:
        return min(cap, base * factor ** (attempt - 1))
    except OverflowError:
        return cap if base else 0.0


@dataclass(frozen=True)
class Exponential:
    """Exponential backoff with full jitter: anything between 0 and the ceiling, so that failures spread out.

    Weakness: a wait can be near 0. Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
    """

    base: float = 5.0
    factor: float = 2.0
    cap: float = 3600.0

    def __call__(self, exception: BaseException, task_result: Any) -> float:
        return random.uniform(0, ceiling(task_result.attempts, self.base, self.factor, self.cap))


@dataclass(frozen=True)
class Constant:
    """The same wait, in seconds, after every failed attempt."""

    seconds: float

    def __call__(self, exception: BaseException, task_result: Any) -> float:
        return self.seconds
