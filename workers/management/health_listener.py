"""``runworker --health-port``: opens the socket while an error can still be told in a sentence."""

import socket
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from workers.management.sizes import pick

HOST = "127.0.0.1"


def add_arguments(parser: CommandParser) -> None:
    # Without a type, for the reason given in ``sizes``.
    parser.add_argument("--health-port", help="Answer GET /healthz and /readyz on this port; else no port is open.")
    parser.add_argument("--health-host", help=f"The address of that port; else {HOST}, for this machine alone.")


def listen(options: Mapping[str, Any]) -> socket.socket | None:
    """A socket that listens, or None when nobody asked for one. Raises ValueError with the cure."""
    port: int | None = pick({}, "WORKER_HEALTH_PORT", options.get("health_port"), 1, 65535)
    host = options.get("health_host")
    if port is None:
        if host is not None:
            raise ValueError("--health-host says where, and --health-port is missing; name a port, such as 8081.")
        return None
    try:
        return _bound(HOST if host is None else host, port)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(
            f"--health-port: nothing can listen on {host or HOST}:{port} ({why}). Name a free port, or an address of "
            "this machine with --health-host."
        ) from error


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # What lingers of connections to the supervisor before this one is not in the way.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
