"""The crew: posts where a worker or a producer is always at work, each started again when it ended, as a host does."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.chaos.endings import Departure
from benchmarks.chaos.kinds import READY
from benchmarks.chaos.stage import Stage
from tests.processes.harness import Process

HOUR = 3600
RETURNS_WITHIN = 1.5
LONGEST_FAREWELL = 30.0


@dataclass
class Post:
    """``crooked``: its clock is an hour off, the other way at every start."""

    name: str
    command: str
    crooked: bool = False
    release: str = "first"
    shift: int = -HOUR
    process: Process | None = None
    asked: bool = False
    deaf: bool = False
    started: float = 0.0
    returns_at: float = 0.0
    starts: int = 0
    departures: list[Departure] = field(default_factory=list)

    @property
    def is_worker(self) -> bool:
        return "runworker" in self.command

    @property
    def can_hear(self) -> bool:
        """Whether it says itself what a signal does to it: a supervisor does before it starts a child."""
        if self.is_worker:
            return len(self.family) > 1
        return self.process is not None and READY in self.process.said()

    @property
    def family(self) -> list[int]:
        """The post's process, first, and what it started; empty while nobody is there."""
        if self.process is None or self.process.popen.poll() is not None:
            return []
        parent = self.process.pid
        return [parent, *sorted(pid for pid, group in alive() if group == parent != pid)]


class Crew:
    def __init__(self, stage: Stage, rng: random.Random, seed: int, rate: float) -> None:
        self._stage = stage
        self._rng = rng
        worker = f"python manage.py runworker --grace {stage.tempo.grace:g}"
        producer = "python -m benchmarks.chaos.producer"
        self.posts = [
            Post("plain", f"{worker} default slow"),
            Post("pair", f"{worker} --processes 2 slow default"),
            Post("crooked", f"{worker} default:3 slow:1", crooked=True),
            *(Post(f"producer{n}", f"{producer} p{n} {seed}/{n}/{{starts}} {rate / 2:g}") for n in (1, 2)),
        ]
        self._closing = False
        self._left: dict[int, str] = {}
        """Groups whose first process has ended → the post."""
        self.outlived: list[str] = []
        """Posts of processes that were still there long after everybody had been dismissed."""

    @property
    def workers(self) -> list[Post]:
        return [post for post in self.posts if post.is_worker]

    def post(self, name: str) -> Post:
        return next(post for post in self.posts if post.name == name)

    @property
    def producers(self) -> list[Post]:
        return [post for post in self.posts if not post.is_worker]

    @property
    def departures(self) -> Iterator[Departure]:
        for post in self.posts:
            yield from post.departures

    def tick(self) -> None:
        """Note who left, and fill the posts again."""
        now = time.monotonic()
        for post in self.posts:
            if post.process is not None and post.process.popen.poll() is not None:
                self._note(post, post.process)
                post.returns_at = now + self._rng.uniform(0, RETURNS_WITHIN)
            if post.process is None and not self._closing and now >= post.returns_at:
                self._start(post)

    def ask_to_leave(self, post: Post) -> None:
        """SIGTERM to all of the post's processes, as a host does at a deploy. Workers bear it again and again; in a
        producer a second one would find Python on its way out."""
        if post.process is not None and (post.is_worker or not post.asked):
            post.deaf |= not post.can_hear
            post.process.signal_group(signal.SIGTERM)
        post.asked = True

    def ask_for_burst(self, post: Post) -> None:
        """By SIGUSR1, which a producer would not survive while it boots, nor on its way out."""
        if post.process is not None and post.can_hear and not post.asked:
            send(post.process.pid, signal.SIGUSR1)

    def dismiss(self, posts: list[Post]) -> None:
        """Ask these to leave for good; after the farewell they are killed, which the departures tell."""
        self._closing = True
        for post in posts:
            self.ask_to_leave(post)
        for post in posts:
            if post.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    post.process.popen.wait(LONGEST_FAREWELL)
                if post.process.popen.poll() is None:
                    post.process.signal_group(signal.SIGKILL)
                    post.process.popen.wait()
                self._note(post, post.process)
        deadline = time.monotonic() + LONGEST_FAREWELL
        while self._stragglers() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.outlived += [self._left[group] for _, group in self._stragglers()]

    def kill_all(self) -> None:
        for pid, _ in self._stragglers():
            send(pid, signal.SIGKILL)
        for post in self.posts:
            if post.process is not None:
                post.process.signal_group(signal.SIGCONT)
                post.process.signal_group(signal.SIGKILL)
                post.process.popen.wait()

    def _stragglers(self) -> list[tuple[int, int]]:
        found = [(pid, group) for pid, group in alive() if group in self._left]
        # A number that is free may soon be somebody else's.
        self._left = {group: self._left[group] for _, group in found}
        return found

    def _note(self, post: Post, process: Process) -> None:
        self._left[process.pid] = post.name
        self._stragglers()
        code, log = process.popen.returncode, process.log.name
        ended = time.monotonic()
        post.departures.append(Departure(post.name, process.pid, code, post.asked, post.deaf, post.started, ended, log))
        post.process = None

    def _start(self, post: Post) -> None:
        post.starts += 1
        post.asked = post.deaf = False
        post.started = time.monotonic()
        post.shift = -post.shift
        shift = post.shift if post.crooked else 0
        command = post.command.format(starts=post.starts)
        post.process = self._stage.launch(command, post.release, post.name, shift)


def alive() -> list[tuple[int, int]]:
    """Every process of this machine but the ended ones that nobody has waited for, with its group."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [(int(pid), int(group)) for pid, group, state in rows if not state.startswith("Z")]


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
