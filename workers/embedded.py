"""The worker inside the development server: same process, same loop, no Redis."""

import asyncio
import atexit
import logging
import os
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import get_channel_layer
from channels.routing import get_default_application
from daphne.server import Server, twisted_loop

from workers import compat
from workers.models import Job
from workers.notifier import notifier
from workers.serving import resolve
from workers.worker import Worker

logger = logging.getLogger("workers")

CONCURRENCY = 4
GRACE = 2.0


class EmbeddedWorker(Worker):
    """Listens on the server's own loop: the in-memory layer delivers nowhere else."""

    def prepare(self) -> None:
        notifier.use_loop(asyncio.get_running_loop())

    def _stuck(self, job: Job) -> None:
        logger.error("Restart the development server: the thread of %s %s does not stop.", job.task, job.id)


class DevelopmentServer(Server):
    """Daphne's, except that the process ends with 1 when its port cannot be had, as Django's own does; behind the
    autoreloader daphne's would be waited for without end."""

    _refused = False

    def listen_error(self, failure: Any) -> None:
        self._refused = True
        logger.critical("%s Choose another port: manage.py runserver 8001", failure.getErrorMessage())
        self.stop()

    def run(self) -> None:
        self.serve()
        if self._refused:
            # Not sys.exit: with the autoreloader this is not the main thread.
            os._exit(1)

    def serve(self) -> None:
        super().run()


class ServerWithWorker(DevelopmentServer):
    """The development server with the worker scheduled before the reactor starts."""

    def serve(self) -> None:
        worker = build_worker()
        twisted_loop.call_soon(lambda: self._keep(twisted_loop.create_task(worker.arun(signals=False))))
        # The autoreload ends this thread without a word; what runs then goes back as the process's last act.
        atexit.register(worker.engine.shut_down, 0)
        try:
            super().serve()
        finally:
            notifier.use_loop(None)
            worker.engine.shut_down(GRACE)

    def _keep(self, task: "asyncio.Task[Any]") -> None:
        # The loop itself holds tasks only weakly.
        self._worker_task = task
        task.add_done_callback(_tell_end)


def build_worker() -> EmbeddedWorker:
    """A worker for every queue of the default backend and every plain consumer."""
    application = get_default_application()
    serving = resolve(application, compat.DEFAULT_TASK_BACKEND_ALIAS, (), CONCURRENCY, embedded=True)
    return EmbeddedWorker(
        application=application,
        channels=[*serving.assignment.queues, *serving.consumers],
        channel_layer=get_channel_layer(DEFAULT_CHANNEL_LAYER),
        assignment=serving.assignment,
    )


def _tell_end(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("The worker inside the server ended.", exc_info=error)
