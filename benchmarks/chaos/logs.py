"""What the workers' logs say about themselves: how often they bore an outage, and whether the runner itself failed."""

import re
from collections import Counter
from pathlib import Path

TOLD = {
    "The database answers again.": "reconnected to PostgreSQL",
    "The channel layer answers again.": "reconnected to Redis",
    "lost its lease": "outcomes refused because the lease was lost",
    "was declared dead and goes on": "workers that went on under a new id",
    "claims whose answer was lost": "times that unheard claims were given back",
}
NEVER = re.compile(
    r"The ledger failed|could not be told|could not be run\.|deadline could not be enforced|"
    r"Exception in thread|Fatal Python error"
)


def counts(folder: Path) -> Counter[str]:
    """What happened → how often a log says so."""
    found: Counter[str] = Counter()
    for log in folder.glob("*.log"):
        text = log.read_text(errors="replace")
        found.update({what: text.count(sentence) for sentence, what in TOLD.items()})
    return +found


def failures(folder: Path) -> list[tuple[str, str]]:
    """(Log, line) wherever the runner itself went wrong."""
    return [
        (log.name, line)
        for log in sorted(folder.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()
        if NEVER.search(line)
    ]
