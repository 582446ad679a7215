"""What the commands under benchmarks.own share: services, and a stage for this project."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks import virtualenv
from benchmarks.peers.workers.commands import run_workers
from benchmarks.peers.workers.peer import STOCK
from benchmarks.services import running
from benchmarks.stage import Stage


def scratch() -> Path | None:
    memory = Path("/dev/shm")  # noqa: S108
    return memory if memory.is_dir() else None


def arguments(description: str | None, **numbers: int) -> Namespace:
    parser = ArgumentParser(prog=f"python -m {sys.modules['__main__'].__spec__.name}", description=description)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--options", default="", help="more for runworker, such as '--concurrency 8'")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


@contextmanager
def own_stage(options: str = "", queues: str = "default", **postgres_settings: str) -> Iterator[Stage]:
    """Migrated, empty, not started."""
    peer = replace(STOCK, workers=run_workers(queues, options))
    if not virtualenv.is_installed(peer):
        virtualenv.install(peer)
    with (
        tempfile.TemporaryDirectory(dir=scratch(), prefix="bench-") as folder,
        running(**postgres_settings) as services,
    ):
        stage = Stage(peer, services, Path(folder))
        stage.prepare()
        yield stage
