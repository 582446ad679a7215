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


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    found = free_port(wanted)
    if found != wanted:
        print(f"Port {wanted} is taken; {found} is free.", file=sys.stderr)
    print(found)
