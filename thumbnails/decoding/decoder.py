"""The worker's side of one decoder process."""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from thumbnails.decoding import wire

PROGRAM = "thumbnails.decoding.program"
MEGABYTE = 1024 * 1024
READY_WITHIN = 60.0
"""Seconds, on a machine that has much else to do; it takes a fraction of one."""
TICK = 0.1
"""Seconds after which a waiting thread looks up: an exception thrown into it lands only between two waits."""
LONGEST_BODY = 256 * MEGABYTE
CHUNK = MEGABYTE
LONGEST_COMPLAINT = 2000
MOST_PICTURES = 100
MOST_RESIDENT = 256 * MEGABYTE
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "LANG", "LC_ALL")


class DecoderEnded(Exception):
    """The process died, or was killed because it took too long or spoke nonsense."""


class DecoderHung(DecoderEnded):
    """It did not come to an end in time."""


class NoDecoder(OSError):
    """None could be started. No picture's fault: try again later."""


class Decoder:
    """Started, with all imported. For one thread at a time; ``end`` it, or leave it to the end of this process.

    Raises NoDecoder.
    """

    def __init__(self) -> None:
        self._pictures = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - until the process has ended
        try:
            self._process = subprocess.Popen(  # noqa: S603 - nothing in it is from outside
                # -P, and away from the working folder: nothing that lies there is imported.
                [sys.executable, "-P", "-m", PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                cwd="/",
                env=environment(os.environ, sys.path),
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise NoDecoder(f"The process that decodes pictures could not be started: {error}.") from error
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        try:
            header, _ = next(self.ask([], READY_WITHIN))
        except DecoderEnded as error:
            raise NoDecoder(f"The process that decodes pictures did not start: {error}") from error
        except BaseException:
            self.end()
            raise
        if header != {"kind": "ready"}:
            self.end()
            raise NoDecoder("The process that decodes pictures is of another version. Restart the worker.")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_worn(self) -> bool:
        """Has it rendered so many pictures, or grown so large, that a fresh one is better?"""
        return self._pictures >= MOST_PICTURES or resident(self.pid) > MOST_RESIDENT or self._process.poll() is not None

    def ask(
        self, parts: list[bytes], seconds: float, on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[wire.Frame]:
        """Send the request and yield the answers, for as long as the caller wants more. After it the process is fit
        for another one only when the last answer was taken.

        ``on_wait`` is called ten times a second; what it raises passes through. Raises DecoderEnded.
        """
        self._pictures += bool(parts)
        ends_at = time.monotonic() + seconds
        outgoing = [memoryview(part) for part in parts if part]
        received = bytearray()
        requests, answers = self._pipes
        with selectors.DefaultSelector() as waiting:
            waiting.register(answers, selectors.EVENT_READ)
            if outgoing:
                waiting.register(requests, selectors.EVENT_WRITE)
            while True:
                on_wait()
                left = ends_at - time.monotonic()
                if left <= 0:
                    raise DecoderHung(self.end(f"it had not ended after {seconds:g} s"))
                for key, _ in waiting.select(min(left, TICK)):
                    if key.fileobj is answers:
                        received += self._read()
                    elif not self._write(outgoing):
                        waiting.unregister(key.fileobj)
                while frame := self._take(received):
                    yield frame

    def end(self, reason: str = "") -> str:
        """Kill it. Returns the reason, with what it last complained of."""
        if self._process.poll() is None:
            # With whatever it may have started, should it have been taken over.
            os.killpg(self.pid, signal.SIGKILL)
        status = self._process.wait()
        for pipe in self._pipes:
            pipe.close()
        if self._errors.closed:
            return reason
        self._errors.seek(0)
        complaint = self._errors.read().decode(errors="backslashreplace").strip()[-LONGEST_COMPLAINT:]
        self._errors.close()
        # As a literal: it might have been told to write lines into our log.
        return f"{reason} (exit status {status})" + (f": {complaint!r}" if complaint else "")

    @property
    def _pipes(self) -> list[Any]:
        return [self._process.stdin, self._process.stdout]

    def _read(self) -> bytes:
        chunk = os.read(self._process.stdout.fileno(), CHUNK)  # type: ignore[union-attr]
        if not chunk:
            # Usually it has exited; one that has only closed the pipe is ended.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.2)
            raise DecoderEnded(self.end("it died"))
        return chunk

    def _write(self, outgoing: list[memoryview]) -> bool:
        """As much as fits. False when nothing is left."""
        try:
            written = os.write(self._process.stdin.fileno(), outgoing[0][:CHUNK])  # type: ignore[union-attr]
        except BrokenPipeError:
            # Its end is told when its answers are read.
            return False
        outgoing[0] = outgoing[0][written:]
        if not outgoing[0]:
            del outgoing[0]
        return bool(outgoing)

    def _take(self, received: bytearray) -> wire.Frame | None:
        try:
            return wire.take(received, LONGEST_BODY)
        except wire.Garbled as error:
            raise DecoderEnded(self.end(f"it spoke nonsense: {error}")) from error


def environment(ours: Mapping[str, str], path: list[str]) -> dict[str, str]:
    """Nothing secret, and the same modules. Few arenas: each would reserve 64 MB of addresses for a thread."""
    kept = {name: ours[name] for name in INHERITED if name in ours}
    here = [os.path.abspath(folder) for folder in path]
    return kept | {"PYTHONPATH": os.pathsep.join(here), "MALLOC_ARENA_MAX": "2"}


def resident(pid: int) -> int:
    """Bytes of memory that the process holds; 0 where that cannot be known."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
