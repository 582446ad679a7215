"""Due jobs that nobody will do are found, cheaply, and told with the cure."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.tasks import echo
from workers import unserved
from workers.models import Job, JobState, WorkerProcess
from workers.presence import Presence, judge

NOW = timezone.now()


def ask(backend: str = "default") -> dict[str, int]:
    return unserved.unserved("default", backend, bound=30)


def serve(*queues: str, **fields) -> None:
    given = {"id": "w", "backend": "default", "hostname": "h", "pid": 1, "queues": queues, "concurrency": 1}
    WorkerProcess.objects.create(**given | fields)


@pytest.mark.django_db
def test_due_jobs_are_counted_per_queue_until_a_worker_serves_it():
    for queue in ("default", "thumbnailer", "thumbnailer"):
        echo.using(queue_name=queue).enqueue()
    assert ask() == {"default": 1, "thumbnailer": 2}
    serve("thumbnailer")
    assert ask() == {"default": 1}
    serve("default", id="v")
    assert ask() == {}


@pytest.mark.django_db
def test_scheduled_jobs_count_once_they_are_due():
    echo.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    assert ask() == {}
    echo.using(run_after=timezone.now() - timedelta(hours=1)).enqueue()
    assert ask() == {"default": 1}


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in JobState if state != JobState.READY])
def test_jobs_that_do_not_wait_do_not_count(state):
    Job.objects.create(task="x", state=state, run_after=NOW + timedelta(hours=1))
    assert ask() == {}


@pytest.mark.django_db
def test_another_backends_workers_and_jobs_are_another_matter():
    echo.enqueue()
    serve("default", backend="second")
    assert ask() == {"default": 1}
    assert ask("second") == {}


@pytest.mark.django_db
def test_the_count_is_capped_and_the_queries_few(django_assert_max_num_queries):
    Job.objects.bulk_create(Job(task="x") for _ in range(unserved.CAP + 1))
    with django_assert_max_num_queries(5):
        assert ask() == {"default": unserved.CAP}


@pytest.mark.parametrize(
    ("backend", "count", "text"),
    [
        ("default", 1, "1 due job on `q`; no live worker serves it; start: python manage.py runworker q"),
        ("default", 12, "12 due jobs on `q`; no live worker serves it; start: python manage.py runworker q"),
        ("default", 1000, "1,000 or more due jobs on `q`; no live worker serves it; start: "),
        ("b", 2, "start: python manage.py runworker q --backend b"),
    ],
)
def test_the_sentence_names_the_cure(backend, count, text):
    assert text in unserved.complaint(backend, "q", count)


@pytest.mark.parametrize(
    ("stopping", "silence", "presence"),
    [
        (False, 0, Presence.ALIVE),
        (False, 30, Presence.ALIVE),
        (False, 31, Presence.SILENT),
        (True, 30, Presence.STOPPING),
        (True, 31, Presence.SILENT),
        (False, -5, Presence.ALIVE),
    ],
)
def test_a_worker_is_silent_only_beyond_the_bound(stopping, silence, presence):
    assert judge(stopping, NOW - timedelta(seconds=silence), NOW, bound=30) is presence
