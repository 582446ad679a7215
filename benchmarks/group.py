"""The worker processes of one peer: started, weighed, timed, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.servers import LEASH

PATIENCE = 3.0


class Group:
    """Each command leads a session of its own, in which everything that it starts is found again."""

    def __init__(self, commands: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self.logs = [folder / f"worker-{number}.log" for number in range(len(commands))]
        self.leaders = [self._start(command, env, log) for command, log in zip(commands, self.logs, strict=True)]

    def _start(self, command: str, env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
        leash = [sys.executable, "-S", LEASH, "SIGTERM", ""]
        with log.open("wb") as output:
            return subprocess.Popen(
                [*leash, "bash", "-c", f"exec {command}"],
                cwd=log.parent,
                env=dict(env),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def pids(self) -> list[int]:
        """All living processes of the group."""
        sessions = {leader.pid for leader in self.leaders}
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if os.getsid(int(entry.name)) in sessions:
                        found.append(int(entry.name))
        return found

    def memory(self) -> float:
        """MiB, a page shared by several processes counted once (PSS)."""
        total = 0
        for pid in self.pids():
            with suppress(OSError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
        return total / 1024

    def cpu_seconds(self) -> float:
        """Spent so far by every thread that still lives."""
        spent = 0
        for pid in self.pids():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with suppress(OSError):
                    spent += int(thread.read_text().split()[0])
        return spent / 1e9

    def idle_cpu(self, seconds: float) -> float:
        """Per cent of one core over the next ``seconds``."""
        before, began = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return 100 * (self.cpu_seconds() - before) / (time.monotonic() - began)

    @property
    def alive(self) -> bool:
        return all(leader.poll() is None for leader in self.leaders)

    def said(self, most: int = 3000) -> str:
        return "\n".join(log.read_text(errors="replace")[-most:] for log in self.logs)

    def stop(self) -> None:
        for leader in self.leaders:
            leader.terminate()
        deadline = time.monotonic() + PATIENCE
        for leader in self.leaders:
            with suppress(subprocess.TimeoutExpired):
                leader.wait(max(0.1, deadline - time.monotonic()))
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for leader in self.leaders:
            leader.wait()
