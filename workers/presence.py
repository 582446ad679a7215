"""How a worker looks to people, by the database's clock. Only shown: nobody is declared dead by it."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from workers.models import WorkerProcess


class Presence(models.TextChoices):
    """STOPPING: finishes what it has and takes nothing new. SILENT: no heartbeat for longer than HEARTBEAT_BOUND."""

    ALIVE = "ALIVE", _("alive")
    STOPPING = "STOPPING", _("stopping")
    SILENT = "SILENT", _("silent")


def judge(stopping: bool, beat_at: datetime, now: datetime, bound: float) -> Presence:
    """``now`` is the database's clock, as ``beat_at`` is; ``bound`` in seconds."""
    if now - beat_at > timedelta(seconds=bound):
        return Presence.SILENT
    return Presence.STOPPING if stopping else Presence.ALIVE


def presence(worker: WorkerProcess, now: datetime, bound: float) -> Presence:
    return judge(worker.stopping, worker.beat_at, now, bound)


def served_queues(database: str, backend: str, bound: float) -> set[str]:
    """The queues for which a worker is there that takes new jobs."""
    workers = WorkerProcess.objects.using(database).filter(backend=backend).annotate(clock=Now())
    alive = (each for each in workers if presence(each, each.clock, bound) is Presence.ALIVE)
    return {queue for worker in alive for queue in worker.queues}
