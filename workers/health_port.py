"""The port of ``runworker --health-port``, on which a machine asks how the worker processes are.

``GET /healthz``: 200 while the supervisor and its processes give signs of life; what is dead it replaces itself, so 503
is for what it cannot mend. ``GET /readyz``: 200 while every process takes jobs and has heard from the database within
its heartbeat bound. 503 comes with the reasons. Plain HTTP without any secret in it, from a thread of the supervisor's
program, and so nothing but Python's standard library.
"""

import json
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.supervisor import Supervisor

LONGEST_TURN = 10.0
"""Seconds after which a supervisor that did not look at its processes stands still; it looks every second."""
LONGEST_START = 60.0
"""Seconds that a process may take to report itself."""
PATIENCE = 2.0
"""Seconds that a client has to say what it wants."""
MOST_BYTES = 8192
MOST_THREADS = 20
"""Of the whole program; whoever comes when there are more is hung up on."""


def lifeless(supervisor: "Supervisor", now: float) -> list[str]:
    """What gives no sign of life, in words; ``now`` by the monotonic clock."""
    found = []
    if now - supervisor.looked_at > LONGEST_TURN:
        found.append(f"the supervisor has stood still for {now - supervisor.looked_at:.0f} s")
    for child in list(supervisor.children):
        pid = child.process.pid
        if child.is_silent(now):
            found.append(f"process {pid} gave no sign of life for {now - child.pulse_at:.0f} s")
        elif not child.worker_id and now - child.started_at > LONGEST_START:
            found.append(f"process {pid} has been starting for {now - child.started_at:.0f} s")
    return found


def unready(supervisor: "Supervisor", now: float) -> list[str]:
    """Why not all processes take jobs, in words; what ends to make room for its successor does not count."""
    if supervisor.stopping:
        return ["stopping"]
    found = lifeless(supervisor, now)
    staying = [child for child in list(supervisor.children) if not child.leaving]
    found += [f"process {child.process.pid}: {child.unready}" for child in staying if child.unready]
    if (missing := supervisor.processes - len(staying)) > 0:
        found.append(f"{missing} of {supervisor.processes} processes not started")
    return found


def answer(head: bytes, supervisor: "Supervisor", now: float) -> bytes:
    """The whole response to a request of which ``head`` has arrived."""
    match head.split(b"\r\n")[0].split():
        case [b"GET" | b"HEAD", target, _]:
            path = target.split(b"?")[0]
        case [_, _, _]:
            return response(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "Only GET and HEAD are answered."})
        case _:
            return response(HTTPStatus.BAD_REQUEST, {"error": "This is no HTTP request."})
    with_body = head.startswith(b"GET")
    match path:
        case b"/healthz":
            return verdict("alive", lifeless(supervisor, now), with_body)
        case b"/readyz":
            return verdict("ready", unready(supervisor, now), with_body)
    return response(HTTPStatus.NOT_FOUND, {"error": "Ask for /healthz or /readyz."}, with_body)


def verdict(name: str, reasons: Sequence[str], with_body: bool) -> bytes:
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return response(status, {name: not reasons, "reasons": reasons}, with_body)


def response(status: HTTPStatus, content: object, with_body: bool = True) -> bytes:
    body = json.dumps(content).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")


def read_head(link: socket.socket) -> bytes:
    """What arrives until the empty line, of bounded length in bounded time. Raises OSError."""
    end = time.monotonic() + PATIENCE
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MOST_BYTES:
        link.settimeout(max(0.001, end - time.monotonic()))
        if not (chunk := link.recv(4096)):
            break
        head += chunk
    return head


class HealthPort(socketserver.ThreadingTCPServer):
    """Answers on a socket that listens already, from a thread of its own."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, supervisor: "Supervisor") -> None:
        super().__init__(listener.getsockname(), socketserver.BaseRequestHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self._supervisor = supervisor

    def start(self) -> None:
        threading.Thread(target=self._serve, name="health", daemon=True).start()

    def _serve(self) -> None:
        # For the supervisor's own thread, which wakes up by them: here they would end the program at once when it ends.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        self.serve_forever()

    def verify_request(self, request: object, client_address: object) -> bool:
        return threading.active_count() <= MOST_THREADS

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)  # noqa: S101
        # Who hangs up, or says nothing, gets no answer; it is not worth a line.
        with suppress(OSError):
            head = read_head(request)
            request.settimeout(PATIENCE)
            request.sendall(answer(head, self._supervisor, time.monotonic()))
