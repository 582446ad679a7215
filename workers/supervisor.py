"""The supervisor: starts the worker processes, replaces those that end, and ends them all when it is told to.

It is a program of its own (``workers.supervisor_program``) and imports nothing but Python's standard library: it stays
small, and nothing that a task does can hurt it. Each child has a lifeline, a pair of sockets with lines of text both
ways:

    child → supervisor                            supervisor → child
    id <worker id> <heartbeat bound>              stop: take nothing new, finish within the grace
    pulse <why it is not ready>, every second     hurry: end at once
    replace <why>: I will end, start my successor bury <worker id> [<stuck job id> …]: it is dead
    stuck <job id>: ends only with my process
    buried <worker id>

It never forwards a signal as a signal: a terminal's Ctrl-C and Heroku's SIGTERM reach the children too, and to them a
second SIGINT would mean "at once".
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

LIFELINE = "WORKERS_LIFELINE"
"""Environment variable that tells a child the number of its lifeline's file descriptor."""
PULSE = 1.0
"""Seconds between two pulses of a child."""
MARGIN = 10.0
"""Seconds after the grace in which a child writes what it holds; then it is killed."""
LONG_ENOUGH = 10.0
"""A child that lived so many seconds is replaced at once."""
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STOPPING = (signal.SIGTERM, signal.SIGINT)


def pause(quick_deaths: int, jitter: float) -> float:
    """Seconds before the next start after so many short lives in a row: 0, then doubling up to LONGEST_PAUSE.

    ``jitter`` from 0 to 1 takes up to half of it away, so that many processes do not start in step.
    """
    if not quick_deaths:
        return 0.0
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(quick_deaths - 1, 30)) * (1 - jitter / 2)


def end_of(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    known = {number.value: number.name for number in signal.Signals}
    return f"was ended by {known.get(-code, f'signal {-code}')}"


class Start(NamedTuple):
    """A child to be started: when, by the monotonic clock, and after how many short lives in a row."""

    at: float
    quick_deaths: int = 0


class Child:
    """One worker process and the supervisor's end of its lifeline."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", link: socket.socket, started_at: float, quick_deaths: int = 0
    ) -> None:
        self.process = process
        self.link = link
        self.started_at = started_at
        self.quick_deaths = quick_deaths
        self.worker_id = ""
        self.bound = LONGEST_PAUSE
        self.pulse_at = 0.0
        self.unready = "starting"
        self.stuck: list[str] = []
        self.why_replace = ""
        self.leaving = False
        self.deaf = False
        self.kill_at = float("inf")
        self.burials: list[str] = []
        self._unread = b""

    @classmethod
    def start(cls, command: Sequence[str], now: float, quick_deaths: int) -> "Child":
        """Spawn it. The signals that stop it wait until it is ready to hear them. Raises OSError."""
        ours, theirs = socket.socketpair()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            environment = os.environ | {LIFELINE: str(theirs.fileno())}
            process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])  # noqa: S603
        except BaseException:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            theirs.close()
        ours.setblocking(False)
        return cls(process, ours, now, quick_deaths)

    def tell(self, line: str) -> None:
        # A child that cannot hear is about to be seen as ended, or is killed when its time is up.
        with contextlib.suppress(OSError):
            self.link.send(f"{line}\n".encode())

    def hear(self, now: float) -> None:
        """Take in every whole line that has arrived."""
        try:
            while chunk := self.link.recv(65536):
                self._unread += chunk
            self.deaf = True
        except BlockingIOError:
            pass
        except OSError:
            self.deaf = True
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            self._take(line.decode(errors="replace").split(), now)

    def _take(self, words: list[str], now: float) -> None:
        match words:
            case ["pulse", *why]:
                self.pulse_at, self.unready = now, " ".join(why)
            case ["id", worker_id, bound]:
                self.worker_id, self.bound, self.pulse_at = worker_id, float(bound), now
            case ["replace", *why]:
                self.why_replace = " ".join(why)
            case ["stuck", job_id]:
                self.stuck.append(job_id)
            case ["buried", worker_id]:
                self.burials = [line for line in self.burials if line.split()[1] != worker_id]

    def is_silent(self, now: float) -> bool:
        """No pulse for as long as other workers would wait for its heartbeat. A starting one is not judged."""
        return bool(self.worker_id) and now - self.pulse_at > max(self.bound, 3 * PULSE)


class Supervisor:
    """Keeps so many children alive until SIGTERM or SIGINT; ``run`` returns the exit code. ``say(level, text)`` logs.

    What has no underscore is read by the health port's thread, too.
    """

    def __init__(self, command: Sequence[str], processes: int, grace: float, say: Callable[[str, str], None]) -> None:
        self._command = command
        self._grace = grace
        self._say = say
        self.processes = processes
        self.children: list[Child] = []
        self._to_start = [Start(0.0)] * processes
        self._to_bury: list[str] = []
        self._signals: list[int] = []
        self._interrupts = 0
        self.stopping = False
        self._exit_code = 0
        self._selector = selectors.DefaultSelector()
        self.looked_at = time.monotonic()

    def run(self) -> int:
        self._hear_signals()
        while self.children or not self.stopping:
            now = self._wait()
            self._obey_signals(now)
            for child in self.children:
                self._listen_to(child, now)
            self._reap(now)
            self._judge(now)
            self._start_due(now)
            self._hand_out_burials()
        return self._exit_code

    def _hear_signals(self) -> None:
        self._bell, ring = socket.socketpair()
        self._bell.setblocking(False)
        ring.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        signal.set_wakeup_fd(ring.detach(), warn_on_full_buffer=False)
        for number in STOPPING:
            signal.signal(number, lambda number, frame: self._signals.append(number))
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _wait(self) -> float:
        """Until something happens, at most a pulse long. When this process itself stood still, nobody else's silence
        proves anything."""
        due = min((start.at for start in self._to_start), default=float("inf"))
        self._selector.select(max(0.0, min(PULSE, due - time.monotonic())))
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        now = time.monotonic()
        if now - self.looked_at > 3 * PULSE:
            for child in self.children:
                child.pulse_at = now
        self.looked_at = now
        return now

    def _obey_signals(self, now: float) -> None:
        while self._signals:
            number = self._signals.pop(0)
            self._interrupts += number == signal.SIGINT
            hurry = number == signal.SIGINT and self._interrupts > 1
            self.stopping = True
            self._to_start.clear()
            for child in self.children:
                child.tell("hurry" if hurry else "stop")
                child.kill_at = min(child.kill_at, now + MARGIN + (0 if hurry else self._grace))

    def _listen_to(self, child: Child, now: float) -> None:
        if child.deaf:
            return
        child.hear(now)
        if child.deaf:
            self._selector.unregister(child.link)  # it would be readable for ever
        if child.stuck:
            child.kill_at = min(child.kill_at, now + self._grace + MARGIN)
        if child.why_replace and not child.leaving and not self.stopping:
            child.leaving = True
            self._to_start.append(Start(now))
            why, pid = child.why_replace, child.process.pid
            self._say("INFO", f"Worker process {pid} will end ({why}); another one starts now.")

    def _reap(self, now: float) -> None:
        for child in list(self.children):
            if (code := child.process.poll()) is None:
                continue
            self._listen_to(child, now)  # what it said with its last breath
            self.children.remove(child)
            if not child.deaf:
                self._selector.unregister(child.link)
            child.link.close()
            self._to_bury += child.burials
            if child.worker_id:
                # However politely it ended: the database may not have heard of it.
                self._to_bury.append(" ".join(("bury", child.worker_id, *child.stuck)))
            if not self.stopping and not child.leaving:
                self._start_again(child, end_of(code), now)

    def _start_again(self, child: Child, how: str, now: float) -> None:
        lived = now - child.started_at
        quick_deaths = 0 if lived >= LONG_ENOUGH else child.quick_deaths + 1
        when = self._plan_start(now, quick_deaths)
        who = f"Worker process {child.process.pid}"
        self._say("WARNING", f"{who} {how} after {lived:.0f} s; another one starts {when}.")

    def _plan_start(self, now: float, quick_deaths: int) -> str:
        wait = pause(quick_deaths, os.urandom(1)[0] / 256)
        self._to_start.append(Start(now + wait, quick_deaths))
        return f"in {wait:.1f} s" if wait else "now"

    def _judge(self, now: float) -> None:
        for child in self.children:
            if now >= child.kill_at:
                why, child.kill_at = "did not end in time", now + MARGIN
            elif child.is_silent(now):
                why, child.pulse_at = f"gave no sign of life for {now - child.pulse_at:.0f} s", now
            else:
                continue
            self._say("ERROR", f"Worker process {child.process.pid} {why} and is killed.")
            child.process.kill()
            self._exit_code = int(self.stopping)

    def _start_due(self, now: float) -> None:
        for start in [start for start in self._to_start if start.at <= now]:
            self._to_start.remove(start)
            try:
                child = Child.start(self._command, now, start.quick_deaths)
            except OSError as error:
                when = self._plan_start(now, start.quick_deaths + 1)
                self._say("ERROR", f"No worker process can be started ({error}); trying again {when}.")
            else:
                self.children.append(child)
                self._selector.register(child.link, selectors.EVENT_READ)

    def _hand_out_burials(self) -> None:
        able = [child for child in self.children if child.worker_id and not child.deaf]
        if not able:
            return
        heir = max(able, key=lambda child: (not child.leaving, child.pulse_at))
        for burial in self._to_bury:
            heir.burials.append(burial)
            heir.tell(burial)
        self._to_bury.clear()
