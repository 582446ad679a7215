"""What idle workers ask of the database, and of the processor: ``python -m benchmarks.own.quiet`` names it."""

import re
import time
from collections import Counter

from benchmarks.own.command import arguments, own_stage
from benchmarks.peers.workers.commands import PROCESSES
from benchmarks.stage import Stage

STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*):\s*(.*)")
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
SETTLING = 2
SHOWN = 100


def measure(stage: Stage, seconds: float) -> dict[str, float]:
    """Of one process, a minute: all statements, and those besides a transaction's beginning and end."""
    said, cpu = listen(stage, seconds)
    minutes = seconds / 60 * PROCESSES
    work = [statement for statement in said if not statement.startswith(FRAME)]
    return {
        "statements": len(work) / minutes,
        "statements_and_frames": len(said) / minutes,
        "quiet_cpu": cpu / PROCESSES,
    }


def listen(stage: Stage, seconds: float) -> tuple[list[str], float]:
    """Every statement of all processes, and the per cent of a core that they took."""
    stage.reset()
    stage.services.run(f"ALTER DATABASE \"{stage.peer.name}\" SET log_statement = 'all'")
    log = stage.services.postgres.log
    with stage.workers() as group:
        stage.warm_up(group)
        time.sleep(SETTLING)
        before = log.stat().st_size
        cpu = group.idle_cpu(seconds)
        with log.open("rb") as lines:
            lines.seek(before)
            said = STATEMENT.findall(lines.read().decode(errors="replace"))
    return said, cpu


def main() -> None:
    asked = arguments(__doc__, seconds=60)
    with own_stage(asked.options) as stage:
        for _ in range(asked.runs):
            said, cpu = listen(stage, asked.seconds)
            print(f"{len(said)} statements in {asked.seconds} s from {PROCESSES} processes, {cpu:.2f} % of a core:")
            for statement, count in Counter(each[:SHOWN] for each in said).most_common(30):
                print(f"{count:6} {statement}")


if __name__ == "__main__":
    main()
