"""``python -m django`` without a part of the workers, to measure what it costs: ``without counts runworker …``."""

import sys
from collections.abc import Callable

from django.core.management import execute_from_command_line


def leave_out_counts() -> None:
    from workers.tallies import Tallies

    Tallies.count = Tallies.add = lambda *_: None


def leave_out_events() -> None:
    from workers import events

    events.tell = lambda *_, **__: None


PARTS: dict[str, Callable[[], None]] = {"counts": leave_out_counts, "events": leave_out_events}


def main(part: str, *command: str) -> None:
    # The command sets Django up before it starts anything, and again finds it so.
    import django

    django.setup()
    PARTS[part]()
    execute_from_command_line(["django", *command])


if __name__ == "__main__":
    main(*sys.argv[1:])
