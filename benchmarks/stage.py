"""Where one peer is measured: its virtualenv, its empty database and Redis, its workers and its producer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.group import Group
from benchmarks.marks import Marks
from benchmarks.peers.peer import Peer
from benchmarks.services import Services
from benchmarks.virtualenv import binaries

ROOT = Path(__file__).resolve().parent.parent
PRODUCER_PATIENCE = 600


class Broken(Exception):
    """A command of the peer failed; its words are in the message."""


@dataclass
class Stage:
    peer: Peer
    services: Services
    folder: Path
    """In memory where the system has such a place, so that no disk takes part in the counting."""
    env: dict[str, str] = field(init=False)
    _next: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.marks = Marks(self.folder / "marks")
        self.marks.clear()
        self.env = {
            "PATH": f"{binaries(self.peer)}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(self.folder),
            "MARKS": str(self.marks.path),
            "REDIS_URL": self.services.redis.url,
            "DATABASE_URL": self.services.postgres.url_of(self.template),
        } | self.peer.environment

    @property
    def template(self) -> str:
        return f"{self.peer.name}-template"

    def prepare(self) -> None:
        """Once: the peer's tables, in a database that every measurement gets a copy of."""
        self.services.run(f'CREATE DATABASE "{self.template}"')
        if self.peer.django:
            self.run("-m", "django", "migrate", "--verbosity", "0", "--run-syncdb")

    def reset(self, template: str = "") -> None:
        """Nothing of an earlier measurement is left, in PostgreSQL, Redis or the marks."""
        self.env["DATABASE_URL"] = self.services.copy_database(template or self.template, self.peer.name)
        self.services.empty_redis()
        self.marks.clear()

    def take(self, count: int) -> range:
        """Numbers for so many jobs, which no job of this stage had before."""
        self._next += count
        return range(self._next - count, self._next)

    def produce(self, verb: str, jobs: Sequence[int], *more: float) -> dict[str, Any]:
        """What the producer found out about these jobs, or about their first and the numbers given instead."""
        numbers = map(str, (jobs[0], *(more or (len(jobs),))))
        return json.loads(self.run("-m", "benchmarks.producer", verb, *numbers).splitlines()[-1])

    def run(self, *arguments: str) -> str:
        """Python, with these arguments, in the peer's virtualenv."""
        done = subprocess.run(
            ["python", *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PRODUCER_PATIENCE,
        )
        if done.returncode:
            raise Broken(f"{self.peer.name}: {' '.join(arguments)}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    @contextmanager
    def workers(self, commands: Sequence[str] = ()) -> Iterator[Group]:
        group = Group(commands or self.peer.workers, self.env, self.folder)
        try:
            yield group
        except BaseException:
            print(group.said(), file=sys.stderr)
            raise
        finally:
            group.stop()

    def warm_up(self, group: Group) -> None:
        """Both processes have run jobs, so everything is imported and connected."""
        for _ in range(2):
            jobs = self.take(50)
            self.produce("fill", jobs, len(jobs), 0)
            self.marks.wait_for(jobs, 60, lambda: group.alive)
