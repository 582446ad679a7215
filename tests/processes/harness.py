"""Starts the processes of the Procfile with an environment of their own, keeps their logs, ends them."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.processes.visitor import Visitor
from tests.servers import LEASH, free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"HEARTBEAT_INTERVAL": 0.2, "HEARTBEAT_BOUND": 3, "POLL_INTERVAL": 1}
START_TIMEOUT = 60


def procfile() -> dict[str, str]:
    """Process type -> command."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line.strip())}


class Process:
    """A started command, leader of its own process group, with its output in a file."""

    def __init__(self, command: str, env: dict[str, str], log: Path, cwd: Path) -> None:
        self.log = log
        leash = [sys.executable, "-S", LEASH, "SIGTERM", ""]
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                [*leash, "bash", "-c", f"exec {command}"],
                cwd=cwd,
                env=env,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def owns(self, pid: int) -> bool:
        """Whether this pid is the process or one that it started."""
        try:
            return os.getpgid(pid) == self.pid
        except ProcessLookupError:
            return False

    def signal_group(self, number: signal.Signals) -> None:
        """To the process and all it started, as Heroku signals and as the kernel's memory killer might."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self, timeout: float = START_TIMEOUT) -> int:
        """The exit code. Fails the test when it does not end in time."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not ended within {timeout:g} s: {self.log.name}\n{self.said()[-4000:]}") from None


class Site:
    """One deployment: a database, a Redis, a folder, and the processes started on them."""

    def __init__(self, directory: Path, database_url: str, redis_url: str, **env: str) -> None:
        self.directory = directory
        self.cwd = ROOT
        self.database_url = database_url
        self.processes: list[Process] = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "tests.process_settings",
            "WORKERS_OPTIONS": json.dumps(QUICK),
            "SECRET_KEY": "only-for-the-processes-of-one-test-run-0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": self.url,
            "PORT": str(self.port),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "VAR_DIR": str(directory / "var"),
            "SHARED_MEDIA": "1",
        } | env

    def launch(self, command: str) -> Process:
        number = len(self.processes) + 1
        name = "-".join(command.split()[:3]).replace("/", "")
        process = Process(command, self.env, self.directory / f"{number}-{name}.log", self.cwd)
        self.processes.append(process)
        return process

    def run(self, command: str) -> str:
        """Run to the end and return the output; fails the test for any exit code but 0."""
        process = self.launch(command)
        assert process.wait(2 * START_TIMEOUT) == 0, process.said()
        return process.said()

    def release(self) -> None:
        """What a deploy does before anything starts."""
        self.run(procfile()["release"])
        self.collect_static_files()

    def collect_static_files(self) -> None:
        # On Heroku the buildpack does it, before the release.
        self.run("python manage.py collectstatic --noinput --verbosity 0")

    def start_web(self) -> Process:
        process = self.launch(procfile()["web"])
        visitor = Visitor(self.url)
        self._wait(process, lambda: visitor.is_answered("/login/"))
        return process

    def start_worker(self, name: str, options: str = "") -> Process:
        """``name`` is a process type of the Procfile; returns when the worker has reported itself."""
        process = self.launch(f"{procfile()[name]} {options}")
        self._wait(process, lambda: bool(self.worker_ids(process)))
        return process

    def worker_ids(self, process: Process) -> list[str]:
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute("SELECT id, pid FROM workers_workerprocess").fetchall()
        return [worker_id for worker_id, pid in rows if process.owns(pid)]

    def _wait(self, process: Process, is_ready) -> None:
        def ready() -> bool:
            assert process.popen.poll() is None, f"ended at once: {process.said()}"
            return bool(is_ready())

        wait_until(ready, lambda: f"{process.log.name} to be ready\n{process.said()}", START_TIMEOUT)

    def stop(self) -> None:
        """End everything, and show what it said: pytest prints it for a test that failed."""
        for process in self.processes:
            process.signal_group(signal.SIGTERM)
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.popen.wait(10)
            process.signal_group(signal.SIGKILL)
            process.popen.wait()
            print(f"---- {process.log.name} (exit {process.popen.returncode})\n{process.said()[-6000:]}")
