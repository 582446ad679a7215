"""A supervisor and its worker processes, as the tests see them: by process ids, rows and marks."""

import json
import os
import signal
from pathlib import Path

from tests.processes.harness import QUICK, Process, Site
from tests.waiting import wait_until
from workers.models import Job, JobState, WorkerProcess


class Crew:
    """``start`` launches ``runworker`` on a site; tasks leave their marks in the crew's folder."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.folder = str(folder)
        self.process: Process

    def start(self, arguments: str = "", processes: int = 1, **options: object) -> "Crew":
        self.site.env["WORKERS_OPTIONS"] = json.dumps(QUICK | options)
        self.process = self.site.launch(f"python manage.py runworker default {arguments} --processes {processes}")
        self.wait(lambda: len(self.pids()) == processes, f"{processes} workers to report themselves")
        return self

    @property
    def supervisor(self) -> int:
        return self.process.pid

    def wait(self, condition, description: str, timeout: float = 45):
        return wait_until(condition, lambda: f"{description}\n{self.marks()}\n{self.process.said()[-4000:]}", timeout)

    def pids(self) -> set[int]:
        """The worker processes that the database knows."""
        return set(WorkerProcess.objects.values_list("pid", flat=True))

    def children(self) -> list[int]:
        """The processes that the supervisor has started."""
        path = Path(f"/proc/{self.supervisor}/task/{self.supervisor}/children")
        return [int(pid) for pid in path.read_text().split()]

    def marks(self) -> dict[str, list[int]]:
        """What was done -> the processes that did it."""
        path = Path(self.folder) / "marks"
        lines = path.read_text().splitlines() if path.exists() else []
        found: dict[str, list[int]] = {}
        for line in lines:
            name, _, pid = line.rpartition(" ")
            found.setdefault(name, []).append(int(pid))
        return found

    def wait_for_mark(self, name: str, times: int = 1, timeout: float = 45) -> int:
        """The process that made it."""
        self.wait(lambda: len(self.marks().get(name, ())) >= times, f"mark {name} for the {times}. time", timeout)
        return self.marks()[name][times - 1]

    def wait_for_state(self, state: JobState, count: int, timeout: float = 45) -> None:
        self.wait(lambda: Job.objects.filter(state=state).count() == count, f"{count} jobs to be {state}", timeout)

    def let_go(self, gate: str = "open") -> None:
        (Path(self.folder) / gate).touch()

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        assert self.process.owns(pid)
        os.kill(pid, number)


def process_state(pid: int) -> str:
    """The kernel's letter for it, such as T for stopped; empty: there is no such process. Linux only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_gone(pid: int) -> bool:
    """Dead; perhaps waited for by nobody, as orphans in a container whose first process reaps none."""
    return process_state(pid) in {"", "Z"}
