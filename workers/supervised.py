"""The child's end of the lifeline to its supervisor: ``workers.supervisor`` tells what is said on it."""

import os
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from workers.supervisor import LIFELINE, PULSE


@dataclass(frozen=True)
class Callbacks:
    """What the child does when it is told; called on the lifeline's thread, so they must return at once."""

    stop: Callable[[], None]
    hurry: Callable[[], None]
    bury: Callable[[str, list[str]], None]
    """The dead worker's id, and the ids of the jobs that were stuck in it."""


class Lifeline:
    """One daemon thread that sends a pulse, listens, and tells ``who()``, the worker's id, whenever it is new.

    With each pulse it says why the worker takes no jobs as it should, ``unready()``: "" when it does.
    """

    def __init__(self, descriptor: int) -> None:
        # What a task starts must not hold this end open when this process is dead.
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)
        self._said_id = ""

    def has_been_told_to_stop(self) -> bool:
        """Before ``start``: does a "stop" wait to be read, or is the supervisor gone?"""
        try:
            waiting = self._socket.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not waiting or not {b"stop", b"hurry"}.isdisjoint(waiting.split(b"\n"))

    def start(self, callbacks: Callbacks, who: Callable[[], str], bound: float, unready: Callable[[], str]) -> None:
        arguments = (callbacks, who, bound, unready)
        self._tell_id(who(), bound)
        threading.Thread(target=self._live, args=arguments, name="lifeline", daemon=True).start()

    def say(self, line: str) -> None:
        # A supervisor that is gone is heard of by the thread.
        with suppress(OSError):
            self._socket.sendall(f"{line}\n".encode())

    def _live(self, callbacks: Callbacks, who: Callable[[], str], bound: float, unready: Callable[[], str]) -> None:
        unread = b""
        while True:
            readable, _, _ = select.select([self._socket], [], [], PULSE)
            if readable:
                chunk = self._hear()
                if not chunk:
                    return callbacks.stop()
                *lines, unread = (unread + chunk).split(b"\n")
                for line in lines:
                    _obey(line.decode().split(), callbacks)
            self._tell_id(who(), bound)
            self.say(f"pulse {unready()}")

    def _hear(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except OSError:
            return b""

    def _tell_id(self, worker_id: str, bound: float) -> None:
        """A worker that was declared dead goes on under a new id."""
        if worker_id != self._said_id:
            self._said_id = worker_id
            self.say(f"id {worker_id} {bound}")


def from_environment() -> Lifeline | None:
    """The lifeline that the supervisor gave this process; None: it has no supervisor. Asked once."""
    descriptor = os.environ.pop(LIFELINE, "")
    return Lifeline(int(descriptor)) if descriptor else None


def _obey(words: list[str], callbacks: Callbacks) -> None:
    match words:
        case ["stop"]:
            callbacks.stop()
        case ["hurry"]:
            callbacks.hurry()
        case ["bury", worker_id, *stuck]:
            callbacks.bury(worker_id, stuck)
