"""The network between a browser and the site, which a laptop that sleeps does not hear."""

import contextlib
import socket
import struct
import threading

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a connection break it."""


class Line:
    """Forwards to ``port``. ``url`` is the site as seen from this end."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._accepting = threading.Thread(target=self._accept, name="line", daemon=True)
        self._accepting.start()

    def fall_asleep(self) -> None:
        """The server loses its clients, as after its pings went unanswered; the clients learn nothing."""
        for _, server in self._pairs:
            _end(server, socket.SHUT_RDWR)

    def wake_up(self) -> None:
        """The clients find their old connections broken, as the operating system tells them; new ones work."""
        while self._pairs:
            client, server = self._pairs.pop()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # The threads that read would keep them open.
            _end(client, socket.SHUT_RD)
            _end(server, socket.SHUT_RDWR)
            client.close()
            server.close()

    def close(self) -> None:
        # Closing it would not wake the thread that accepts.
        _end(self._listener, socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self.wake_up()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._pairs.append((client, server))
                threading.Thread(target=_forward, args=(client, server), daemon=True).start()
                threading.Thread(target=_forward, args=(server, client), daemon=True).start()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)


def _end(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(how)
