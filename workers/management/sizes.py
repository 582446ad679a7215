"""How large and how patient ``runworker`` is: from the command line, else the environment, else a default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import CommandParser

from workers.recycling import Limits
from workers.serving import DEFAULT_CONCURRENCY, MOST_SLOTS

MOST_PROCESSES = 100
LONGEST_GRACE = 86400
MOST_JOBS = 10**9
MOST_MEMORY = 10**7


@dataclass(frozen=True)
class Sizes:
    """``concurrency`` None: as ``serving.resolve`` finds it fit. ``grace`` in seconds."""

    processes: int = 1
    concurrency: int | None = None
    grace: float = 25.0
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def add_arguments(cls, parser: CommandParser) -> None:
        # Without a type: what cannot be read is refused by ``pick``, with the cure and without argparse's usage.
        add = parser.add_argument
        add("--processes", help="Worker processes; $WORKER_PROCESSES, else 1.")
        add(
            "--concurrency",
            help="Jobs at once in each process; else the limits together, when every queue has one; else "
            f"$WORKER_CONCURRENCY, else {DEFAULT_CONCURRENCY}.",
        )
        add(
            "--grace",
            help="Seconds that running jobs have to finish after SIGTERM; $WORKER_GRACE, else 25, under Heroku's 30.",
        )
        add("--max-jobs", help="A process that has done so many is replaced; $WORKER_MAX_JOBS, else never.")
        add(
            "--max-memory",
            help="A process that holds more than so many megabytes is replaced; $WORKER_MAX_MEMORY, else never.",
        )

    @classmethod
    def chosen(cls, options: Mapping[str, Any]) -> "Sizes":
        """Raises ValueError, which names the option or the variable, and says what it may be."""
        env = os.environ
        given = options.get
        every_queue_has_a_limit = options["channels"] and all(":" in word for word in options["channels"])
        grace = pick(env, "WORKER_GRACE", given("grace"), 0, LONGEST_GRACE, float)
        for_slots = {} if every_queue_has_a_limit else env
        return cls(
            pick(env, "WORKER_PROCESSES", given("processes"), 1, MOST_PROCESSES) or cls.processes,
            pick(for_slots, "WORKER_CONCURRENCY", given("concurrency"), 1, MOST_SLOTS),
            cls.grace if grace is None else grace,
            Limits(
                pick(env, "WORKER_MAX_JOBS", given("max_jobs"), 1, MOST_JOBS),
                pick(env, "WORKER_MAX_MEMORY", given("max_memory"), 1, MOST_MEMORY),
            ),
        )


def pick(
    env: Mapping[str, str], variable: str, given: Any, least: int, most: int, kind: type[int] | type[float] = int
) -> Any:
    """What the command line gave, else the variable's value; None when both are silent. Raises ValueError."""
    written = env.get(variable) or None if given is None else given
    if written is None:
        return None
    try:
        value = kind(written)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        name = variable if given is None else "--" + variable.removeprefix("WORKER_").lower().replace("_", "-")
        what = "a whole number" if kind is int else "a number of seconds"
        raise ValueError(f"{name} is {written!r}; set it to {what} from {least} to {most}.")
    return value
