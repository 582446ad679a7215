"""Marks: lines in files that the runner knows nothing of. Each is one atomic append, so no crash leaves half of one.

Times are of the system's monotonic clock, which all processes of a machine share and nobody can shift.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

FOLDER = "CHAOS_FOLDER"


class MarkFile:
    """One file of marks, for one process to append to or for the judge to read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def add(self, **mark: Any) -> None:
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self._file, (json.dumps({"at": time.monotonic()} | mark) + "\n").encode())

    def read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]


def executions(folder: Path) -> MarkFile:
    """When each attempt began and how it ended, by the tasks."""
    return MarkFile(folder / "executions.marks")


def requests(folder: Path) -> MarkFile:
    """What was asked for, before and after the enqueue, by the producers."""
    return MarkFile(folder / "requests.marks")


def faults(folder: Path) -> MarkFile:
    """What was done to whom, by the storm."""
    return MarkFile(folder / "faults.marks")
