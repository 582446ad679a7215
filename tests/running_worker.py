"""A worker inside the test's process: the real engine and the real channel layer, on a loop in a thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels.routing import get_default_application

from tests.waiting import wait_until
from workers.embedded import EmbeddedWorker
from workers.models import WorkerProcess
from workers.notifier import notifier
from workers.serving import resolve
from workers.worker import Worker

# Now, because Django sets up logging once more with it, which takes pytest's handlers away from the test that runs.
APPLICATION = get_default_application()


class RunningWorker:
    """Serves the named queues until it is stopped."""

    def __init__(self, *queues: str, concurrency: int = 4, grace: float = 5, application: Any = None) -> None:
        self._queues = queues
        self._concurrency = concurrency
        self._grace = grace
        self._application = application or APPLICATION
        self._thread = threading.Thread(target=self._live, name="worker", daemon=True)
        self._error: BaseException | None = None
        self.worker: Any = None
        self.clean: bool | None = None

    def start(self) -> "RunningWorker":
        self._thread.start()
        wait_until(lambda: self.worker or self._error, "the worker is built")
        if self._error:
            raise self._error
        wait_until(lambda: self.worker.engine.ledger.maintenance.registered, "the worker is registered")
        return self

    def stop(self, *, at_once: bool = False) -> None:
        """Stop as by SIGTERM; ``at_once`` as by a second SIGINT."""
        if at_once:
            self.worker._hurry.set()
        # It may be ending by itself.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.worker.stop)
        self._thread.join(30)
        assert not self._thread.is_alive(), "the worker did not stop"

    @property
    def id(self) -> str:
        return str(self.worker.engine.ledger.maintenance.worker_id)

    def _live(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._error = error
            raise

    async def _run(self) -> None:
        layer = get_channel_layer()
        kind = EmbeddedWorker if isinstance(layer, InMemoryChannelLayer) else Worker
        self.loop = asyncio.get_running_loop()
        serving = resolve(self._application, "default", self._queues, self._concurrency)
        worker = kind(
            application=self._application,
            channels=[*serving.assignment.queues, *serving.consumers],
            channel_layer=layer,
            assignment=serving.assignment,
        )
        self.worker = worker
        self.clean = await worker.arun(self._grace, signals=False)
        notifier.use_loop(None)


@contextmanager
def running_worker(*queues: str, **options: Any) -> Iterator[RunningWorker]:
    worker = RunningWorker(*queues, **options).start()
    try:
        yield worker
    finally:
        if worker._thread.is_alive():
            worker.stop()
        wait_until(lambda: not WorkerProcess.objects.filter(id=worker.id).exists(), "the worker's row is gone")
