"""The runner's own settings: ``TASKS[alias]["OPTIONS"]``, with every default in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

MOST = 2**31 - 1
"""What a database's integer holds; as seconds 68 years, which clocks and locks can still add and wait for."""


@dataclass(frozen=True)
class Options:
    """Seconds unless the name says otherwise. Written in capitals in OPTIONS, in small letters here."""

    max_attempts: int = 1
    """Attempts a task has when it names none; 1, so that plain Django code behaves as Django says."""
    max_rescues: int = 5
    """Times a job may lose its worker and still run again; 0 means never."""
    timeout: float = 3600
    """How long a task may run when it names no timeout."""
    poll_interval: float = 5
    """A worker that hears no message looks this often all the same."""
    heartbeat_interval: float = 5
    """How often a worker says that it is alive."""
    heartbeat_bound: float = 30
    """A worker whose counter stands still this long, on the observer's own clock, is dead."""
    max_bytes: int = 256 * 1024
    """Most bytes of JSON that the arguments of a job, or its result, may take."""
    keep_finished: float = 7 * 86400
    """Successful, discarded and cancelled jobs are pruned after this long."""
    keep_failed: float = 30 * 86400
    """Failed jobs are pruned after this long."""
    unknown_task_patience: float = 86400
    """How long a job waits for its task to be deployed before it fails."""

    @classmethod
    def from_settings(cls, options: Mapping[str, Any]) -> "Options":
        """What OPTIONS says over the defaults; what ``problems`` would complain about is left at its default."""
        wrong = {name for name, _, _ in problems(options)}
        known = {field.name.upper(): field.name for field in fields(cls)}
        return cls(**{known[name]: value for name, value in options.items() if name in known and name not in wrong})

    @property
    def rescue_bound(self) -> float:
        """Within this many seconds of a worker's death its jobs are on their way again: silence, and three beats."""
        return self.heartbeat_bound + 3 * self.heartbeat_interval


def problems(options: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is wrong in OPTIONS, as (name, problem, cure)."""
    known = {field.name.upper(): field for field in fields(Options)}
    found = []
    for name, value in options.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            cure = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(sorted(known))}."
            found.append((str(name), f"{name!r} is not an option of the workers' backend.", cure))
            continue
        whole = known[name].type is int
        least = 0 if name == "MAX_RESCUES" else 1 if whole else 0.01
        fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not (fits and least <= value <= MOST):
            kind = "a whole number" if whole else "a number"
            found.append((name, f"{name} is {value!r}.", f"Set it to {kind} from {least} to {MOST}."))
    return found or _silence_too_short(options)


def _silence_too_short(options: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    interval = options.get("HEARTBEAT_INTERVAL", Options.heartbeat_interval)
    bound = options.get("HEARTBEAT_BOUND", Options.heartbeat_bound)
    if bound >= 2 * interval:
        return []
    problem = f"with HEARTBEAT_BOUND {bound:g} and a beat every {interval:g} s, living workers are declared dead."
    return [("HEARTBEAT_BOUND", problem, f"Set HEARTBEAT_BOUND to {2 * interval:g} or more.")]
