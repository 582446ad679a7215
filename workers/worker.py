"""The worker: Channels' own, grown up. It listens to channels and lets the engine do the jobs."""

import asyncio
import logging
import signal
import threading
from typing import Any

from channels.worker import Worker as ChannelsWorker

from workers.assignment import Assignment
from workers.engine import Engine
from workers.message import complaint
from workers.models import Job
from workers.outage import Outage

logger = logging.getLogger("workers")


class Worker(ChannelsWorker):
    """Hears wake-ups on the queues of its assignment, and plain Channels messages on the other ``channels``.

    It receives only while a slot is free, so an idle neighbour hears what a busy worker could not do. Plain
    consumers keep Channels' own promise: at most once, one message at a time per channel.
    """

    def __init__(self, *, application: Any, channels: list[str], channel_layer: Any, assignment: Assignment) -> None:
        super().__init__(application, channels, channel_layer)
        self.assignment = assignment
        self.exit_code = 0
        self.engine = Engine(assignment, self._tell_room, self._stuck)
        self._hurry = threading.Event()
        self._outage = Outage("The channel layer")

    async def arun(self, grace: float = 25.0, *, signals: bool = True) -> bool:
        """Work until stopped. False: a task's thread outlived the grace, and the process must end now."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._room = asyncio.Event()
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._on_signal, number)
        self.prepare()
        self.engine.start()
        tasks = [asyncio.create_task(self.application_checker()), *map(self._listen, self.channels)]
        try:
            await self._stopping.wait()
        finally:
            await self._end(tasks)
        return await asyncio.to_thread(self.engine.shut_down, grace, self._hurry)

    def prepare(self) -> None:
        """Before the first claim; for the embedded worker."""

    def stop(self) -> None:
        """Claim nothing more and end; from the loop's own thread."""
        self._stopping.set()

    async def _end(self, tasks: "list[asyncio.Task[Any]]") -> None:
        """Cancel, and once more if need be: a client library may turn the cancellation into an error of its own."""
        for _ in range(3):
            for task in tasks:
                task.cancel()
            _, running = await asyncio.wait(tasks, timeout=1)
            if not running:
                return

    def _on_signal(self, number: int) -> None:
        if self._stopping.is_set() and number == signal.SIGINT:
            logger.warning("Stopping at once.")
            self._hurry.set()
        elif not self._stopping.is_set():
            logger.info("Stopping: no new jobs; running ones may finish.")
        self.stop()

    def _stuck(self, job: Job) -> None:
        self.exit_code = 1
        self._loop.call_soon_threadsafe(self.stop)

    def _tell_room(self, has_room: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self._room.set if has_room else self._room.clear)
        except RuntimeError:
            return  # the loop has ended, and with it the listening

    def _listen(self, channel: str) -> asyncio.Task[None]:
        handle = self._hear_wake_up if channel in self.assignment.queues else self._hear_plain_message
        return asyncio.create_task(self.listener(channel, handle))

    async def listener(self, channel: str, handle: Any = None) -> None:
        """Receive until the worker stops. A message that cannot be used is dropped, and a layer that fails is tried
        again: a listener that ends would leave its channel silently deaf."""
        while not self._stopping.is_set():
            if channel in self.assignment.queues:
                await self._room.wait()
            try:
                message = await self.channel_layer.receive(channel)
                self._outage.over()
                await handle(channel, message)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                await asyncio.sleep(self._outage.failed(error))

    async def _hear_wake_up(self, channel: str, message: Any) -> None:
        if why := complaint(message):
            logger.warning("A message on %s is dropped: %s.", channel, why)
            return
        self.engine.wake(channel, message["id"])

    async def _hear_plain_message(self, channel: str, message: Any) -> None:
        if not isinstance(message, dict) or not message.get("type"):
            logger.warning("A message on %s is dropped: it has no type.", channel)
            return
        await self.get_or_create_application_instance(channel, {"type": "channel", "channel": channel}).put(message)

    async def application_exception(self, exception: Exception, application_details: Any) -> None:
        channel = application_details["scope"]["channel"]
        logger.error("The consumer on %s failed; messages it had received are lost.", channel, exc_info=exception)
