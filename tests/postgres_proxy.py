"""Stands between a worker and PostgreSQL, and breaks the connection in the moment a test chooses: at a commit."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from enum import Enum

REQUESTS_BEFORE_STARTUP = {80877103, 80877104}
"""SSL and GSS encryption, which the test's server declines; the startup message follows."""
READY_FOR_QUERY = b"Z\0\0\0\x05"
"""How the server's last message about a statement begins."""


class Moment(Enum):
    """When the connection breaks: the client learns the same from both."""

    BEFORE_THE_COMMIT = "the server never hears that it should commit"
    AFTER_THE_COMMIT = "the server has committed, and its answer is lost"


class PostgresProxy:
    """Forwards everything to ``port``, until it is told to ``break_at`` a transaction; then that once."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._plan: tuple[Moment, tuple[bytes, ...]] | None = None
        self.broken = 0
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def break_at(self, moment: Moment, *words: str) -> None:
        """Break the next transaction in which one statement holds all these words."""
        self._plan = moment, tuple(word.encode() for word in words)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        lost, done = threading.Event(), threading.Event()
        answers = threading.Thread(target=_answer, args=(server, client, lost, done), daemon=True)
        answers.start()
        inside = planned = False
        with client, server, contextlib.suppress(OSError):
            for message in messages(client):
                said = message[5:]
                inside = inside or said.startswith(b"BEGIN")
                planned = planned or self._is_planned(message)
                # Outside BEGIN and COMMIT a message with statements is a transaction of its own.
                commits = said.startswith(b"COMMIT") or not inside
                if planned and self._plan and commits:
                    moment, self._plan = self._plan[0], None
                    # From now on, so that the client hears nothing but the end.
                    lost.set()
                    if moment is Moment.AFTER_THE_COMMIT:
                        server.sendall(message)
                        done.wait(30)
                    _hang_up(client)
                    self.broken += 1
                    break
                inside = inside and not said.startswith((b"COMMIT", b"ROLLBACK"))
                server.sendall(message)
            # The server reads what was sent to it before it sees the end.
            server.shutdown(socket.SHUT_WR)
            answers.join()

    def _is_planned(self, message: bytes) -> bool:
        return self._plan is not None and all(word in message for word in self._plan[1])


def _answer(server: socket.socket, client: socket.socket, lost: threading.Event, done: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while chunk := server.recv(65536):
            if lost.is_set():
                if READY_FOR_QUERY in chunk:
                    done.set()
                continue
            with contextlib.suppress(OSError):
                client.sendall(chunk)
    done.set()
    _hang_up(client)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def messages(client: socket.socket) -> Iterator[bytes]:
    """The client's messages, each whole. Only the first ones have no letter for their kind."""
    with client.makefile("rb") as stream:
        while length := stream.read(4):
            yield (message := length + stream.read(int.from_bytes(length) - 4))
            if int.from_bytes(message[4:8]) not in REQUESTS_BEFORE_STARTUP:
                break
        while kind := stream.read(1):
            length = stream.read(4)
            yield kind + length + stream.read(int.from_bytes(length) - 4)
