"""How many sockets of one user this process keeps open: a script or a forgotten browser must not take them all."""

from collections import defaultdict
from typing import Generic, TypeVar

from django.conf import settings

Socket = TypeVar("Socket")
DEFAULT_MOST = 50


def most_sockets() -> int:
    return getattr(settings, "WORKERS_LIVE_SOCKETS", DEFAULT_MOST)


class Crowd(Generic[Socket]):
    """The sockets of each owner, oldest first. Weakness: each process counts its own."""

    def __init__(self) -> None:
        self._sockets: defaultdict[str, list[Socket]] = defaultdict(list)

    def enter(self, owner: str, socket: Socket, most: int) -> list[Socket]:
        """Those that have to go for it, the oldest; they are not counted any more."""
        mine = self._sockets[owner]
        mine.append(socket)
        gone, mine[:] = mine[:-most], mine[-most:]
        return gone

    def leave(self, owner: str, socket: Socket) -> None:
        """Nothing happens to one that is not there."""
        mine = self._sockets[owner]
        if socket in mine:
            mine.remove(socket)
        if not mine:
            del self._sockets[owner]

    def __len__(self) -> int:
        return sum(map(len, self._sockets.values()))
