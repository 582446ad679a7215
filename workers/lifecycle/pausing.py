"""Which queues are paused. The claim itself looks at these rows, so a pause holds from its commit on."""

from django.db.models import QuerySet

from workers.models import QueuePause


def pause(database: str, backend: str, queue: str, by: str) -> QueuePause | None:
    """No claim from this queue any more; None: it was paused before, and stays so in the first one's name."""
    found, is_new = QueuePause.objects.using(database).get_or_create(
        backend=backend, queue=queue, defaults={"paused_by": by[:255]}
    )
    return found if is_new else None


def resume(database: str, backend: str, queue: str) -> QueuePause | None:
    """Claims may take from it again. Returns the pause that this ended; None: it was not paused."""
    pauses = QueuePause.objects.using(database)
    # Compared here: the names may come from a form, and a database cannot be asked for every text.
    found = next((pause for pause in pauses.all() if (pause.backend, pause.queue) == (backend, queue)), None)
    return found if found and pauses.filter(id=found.id).delete()[0] else None


def paused_queues(database: str, backend: str) -> "QuerySet[QueuePause, str]":
    """Their names, to be read or to be part of another query."""
    return QueuePause.objects.using(database).filter(backend=backend).values_list("queue", flat=True)
