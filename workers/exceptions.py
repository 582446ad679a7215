"""What a task raises to steer its own job, and what the runner records about jobs that ended badly."""


class Snooze(Exception):
    """Run me again in ``seconds``. Spends no attempt and leaves no error."""

    def __init__(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError(f"Snooze takes seconds from 0 up, not {seconds!r}.")
        self.seconds = float(seconds)
        super().__init__(f"snoozed for {seconds:g} s")


class Discard(Exception):
    """Never run me again, and say why. The job ends DISCARDED (outward: FAILED) with the reason as its error."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Retry(Exception):
    """This attempt failed; try again ``after`` seconds, or when the task's backoff says so.

    Spends an attempt: with none left the job ends FAILED. Chain the cause (``raise Retry(after=60) from error``)
    and the attempt keeps its traceback.
    """

    def __init__(self, reason: str = "", *, after: float | None = None) -> None:
        if not isinstance(reason, str):
            raise TypeError(f"Retry takes the reason as text; for {reason!r} seconds: Retry(after={reason!r}).")
        if after is not None and not after >= 0:
            raise ValueError(f"Retry takes after= in seconds from 0 up, not {after!r}.")
        self.after = None if after is None else float(after)
        super().__init__(reason or "the task asked to be tried again")


class TaskTimeout(Exception):
    """The task ran longer than its ``timeout`` and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the task ran longer than its timeout of {seconds:g} s")


class WorkerLost(Exception):
    """The worker died, or was cut off, while it held the job. Recorded, never raised."""


class UnknownTask(Exception):
    """No task can be imported from the job's path: renamed, moved, or not deployed here yet."""

    def __init__(self, path: str, cause: str) -> None:
        super().__init__(
            f"there is no task at {path!r} ({cause}). If it was renamed, name the old path in "
            "@task(aliases=[…]); if it is gone, discard the job."
        )


class ResultRefused(Exception):
    """The task returned what cannot be kept: not JSON, too large, or refused by the database."""


class Cancelled(Exception):
    """Somebody called the job off. Raised in a running task by ``context.progress(…)``; let it through."""


class LeaseLost(Exception):
    """The job is no longer this worker's: it was believed dead, and the job may run elsewhere. Undo and stop."""
