"""The worker: Channels' own, grown up. It listens to channels and lets the engine do the jobs."""

import asyncio
import logging
import signal
import threading
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import Any

from channels.worker import Worker as ChannelsWorker

from workers.assignment import Assignment
from workers.engine import Engine
from workers.interpreter import give_way
from workers.message import complaint
from workers.models import Job
from workers.outage import Outage
from workers.recycling import UNLIMITED, Limits, memory_held, why_recycle
from workers.supervised import Callbacks, Lifeline
from workers.supervisor import PULSE, STOPPING

logger = logging.getLogger("workers")

RETIRING_POLL = 0.1
HUSH = 0.003
"""Seconds in which a queue's listener leaves the interpreter to the claim and to what was claimed."""


class Worker(ChannelsWorker):
    """Hears wake-ups on the queues of its assignment, and plain Channels messages on the other ``channels``.

    It receives only while a slot is free for the queue, so an idle neighbour hears what a busy worker could not do.
    Plain consumers keep Channels' own promise: at most once, one message at a time per channel.
    """

    def __init__(
        self,
        *,
        application: Any,
        channels: list[str],
        channel_layer: Any,
        assignment: Assignment,
        limits: Limits = UNLIMITED,
        lifeline: Lifeline | None = None,
    ) -> None:
        super().__init__(application, channels, channel_layer)
        self.assignment = assignment
        self.exit_code = 0
        self.engine = Engine(assignment, self._tell_room, self._stuck)
        self.engine.has_heir = lifeline is not None
        self._limits = limits.drawn()
        self.engine.ledger.most_jobs = self._limits.max_jobs
        self._lifeline = lifeline
        self._interrupts = 0
        self._hurry = threading.Event()
        self._outage = Outage("The channel layer")

    async def arun(self, grace: float = 25.0, *, signals: bool = True) -> bool:
        """Work until stopped. False: a task's thread outlived the grace, and the process must end now."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._room = {queue: asyncio.Event() for queue in self.assignment.queues}
        if signals and self._asked_while_starting():
            logger.info("Stopping: asked to before the first job.")
            return True
        if signals:
            for number in STOPPING:
                self._loop.add_signal_handler(number, self._on_signal, number)
            # The supervisor held them back until somebody could hear them.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        self._say_who_this_is()
        self.prepare()
        self.engine.start()
        tasks = [*map(self._listen, self.channels), asyncio.create_task(self._watch_itself())]
        tasks.append(asyncio.create_task(self.application_checker()))
        try:
            await self._stopping.wait()
            self.engine.quiesce()
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
        self._interrupts += number == signal.SIGINT
        self._stop_politely(hurry=self._interrupts > 1)

    def _stop_politely(self, *, hurry: bool = False) -> None:
        if not self._stopping.is_set():
            logger.info("Stopping: no new jobs; running ones may finish.")
        if hurry and not self._hurry.is_set():
            logger.warning("Stopping at once.")
            self._hurry.set()
        self.stop()

    def _asked_while_starting(self) -> bool:
        # Its time runs since then: a job that it claimed now might be killed with it.
        pending = signal.sigpending() & {*STOPPING}
        return bool(pending) or bool(self._lifeline and self._lifeline.has_been_told_to_stop())

    def _say_who_this_is(self) -> None:
        """To the supervisor, before the first claim: what this process holds when it dies is released at once."""
        if self._lifeline:
            callbacks = Callbacks(self._told_to_stop, partial(self._told_to_stop, hurry=True), self._told_to_bury)
            ledger, bound = self.engine.ledger, self.assignment.options.heartbeat_bound
            self._lifeline.start(callbacks, lambda: ledger.maintenance.worker_id, bound, ledger.why_unready)

    def _told_to_stop(self, *, hurry: bool = False) -> None:
        self.engine.has_heir = False
        with suppress(RuntimeError):  # the loop may have ended, which is what was wanted
            self._loop.call_soon_threadsafe(partial(self._stop_politely, hurry=hurry))

    def _told_to_bury(self, worker_id: str, stuck: list[str]) -> None:
        self.engine.bury(worker_id, stuck, partial(self._say, f"buried {worker_id}"))

    def _say(self, line: str) -> None:
        if self._lifeline:
            self._lifeline.say(line)

    def _stuck(self, job: Job) -> None:
        self.exit_code = 1
        self._say(f"stuck {job.id}")
        self._say("replace a task does not stop at its timeout")
        self._loop.call_soon_threadsafe(self.stop)

    async def _watch_itself(self) -> None:
        """Once this process has taken or grown enough, it takes nothing new and ends when what it holds is done."""
        ledger = self.engine.ledger
        while not (why := why_recycle(self._limits, ledger.taken, memory_held())):
            await asyncio.sleep(PULSE)
        logger.info("This worker process makes room for a fresh one: %s.", why)
        self._say(f"replace {why}")
        self.engine.quiesce()
        while not (ledger.quiesced.is_set() and ledger.idle.is_set()):
            await asyncio.sleep(RETIRING_POLL)
        self.stop()

    def _tell_room(self, queues: Collection[str]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._listen_to, queues)
        except RuntimeError:
            return  # the loop has ended, and with it the listening

    def _listen_to(self, queues: Collection[str]) -> None:
        for queue, room in self._room.items():
            room.set() if queue in queues else room.clear()

    def _listen(self, channel: str) -> asyncio.Task[None]:
        handle = self._hear_wake_up if channel in self.assignment.queues else self._hear_plain_message
        return asyncio.create_task(self.listener(channel, handle))

    async def listener(self, channel: str, handle: Any = None) -> None:
        """Receive until the worker stops. A message that cannot be used is dropped, and a layer that fails is tried
        again: a listener that ends would leave its channel silently deaf."""
        while not self._stopping.is_set():
            try:
                await self._see_an_outage_end()
                if channel in self.assignment.queues:
                    await self._room[channel].wait()
                message = await self.channel_layer.receive(channel)
                self._outage.over()
                await handle(channel, message)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                await asyncio.sleep(self._outage.failed(error))

    async def _see_an_outage_end(self) -> None:
        """A receive that waits for a message does not tell whether anybody answers; leaving a group does at once."""
        if self._outage.lasts and "groups" in self.channel_layer.extensions:
            await self.channel_layer.group_discard("workers.nobody", "workers.nobody")
            self._outage.over()

    async def _hear_wake_up(self, channel: str, message: Any) -> None:
        if why := complaint(message):
            logger.warning("A message on %s is dropped: %s.", channel, why)
            return
        self.engine.wake(channel, message["id"])
        give_way()
        await asyncio.sleep(HUSH)

    async def _hear_plain_message(self, channel: str, message: Any) -> None:
        if not isinstance(message, dict) or not message.get("type"):
            logger.warning("A message on %s is dropped: it has no type.", channel)
            return
        await self.get_or_create_application_instance(channel, {"type": "channel", "channel": channel}).put(message)

    async def application_exception(self, exception: Exception, application_details: Any) -> None:
        channel = application_details["scope"]["channel"]
        logger.error("The consumer on %s failed; messages it had received are lost.", channel, exc_info=exception)
