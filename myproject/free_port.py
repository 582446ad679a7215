"""``python -m myproject.free_port 8000`` prints that port, or a free one (and why) when it is taken."""

import socket
import sys


def free_port(wanted: int) -> int:
    """``wanted`` if nothing on 127.0.0.1 listens there, else a port the system gives."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # As the server does: a connection that lingers is not in the way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("No free port on 127.0.0.1.")


def port_number(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and 1 <= int(word[:6]) <= 65535):
        raise SystemExit(f"{word!r} is no port. Give a number from 1 to 65535, as in PORT=8001.")
    return int(word)


if __name__ == "__main__":
    wanted = port_number(sys.argv[1])
    found = free_port(wanted)
    if found != wanted:
        print(f"Port {wanted} is taken; {found} is free.", file=sys.stderr)
    print(found)
