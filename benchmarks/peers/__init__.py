"""Who is measured. Each folder: how it is run, its settings, its one task, and its pinned versions."""

from importlib import import_module

from benchmarks.peers.peer import Peer

FOLDERS = (
    "workers",
    "procrastinate",
    "tasks_db",
    "django_q",
    "celery",
    "dramatiq",
    "rq",
    "huey",
    "taskiq",
    "channels",
)


def all_peers() -> list[Peer]:
    return [peer for folder in FOLDERS for peer in import_module(f"benchmarks.peers.{folder}.peer").PEERS]


def chosen(names: list[str]) -> list[Peer]:
    """All of them, or those named, by name or by the beginning of it. Raises ValueError for one that is unknown."""
    peers = all_peers()
    for name in names:
        if not any(peer.name.startswith(name) for peer in peers):
            raise ValueError(f"No peer {name!r}. There are: {', '.join(peer.name for peer in peers)}.")
    return [peer for peer in peers if not names or any(peer.name.startswith(name) for name in names)]
