"""What is committed is enqueued, what is rolled back never was, and what cannot be kept is refused at once."""

import asyncio
import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils import timezone

from tests import tasks
from workers import compat
from workers.models import Job, JobState
from workers.notifier import notifier
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db]


def test_enqueueing_is_one_insert(django_assert_num_queries):
    with django_assert_num_queries(1):
        result = tasks.echo.enqueue(1)
    job = Job.objects.get()
    assert (job.state, str(job.id), job.args, job.queue) == (JobState.READY, result.id, [1], "default")


def test_the_result_tells_the_request():
    result = tasks.echo.using(priority=7, queue_name="thumbnailer").enqueue(1, (2, 3), name="n")
    assert result.status == compat.TaskResultStatus.READY
    assert result.task == tasks.echo.using(priority=7, queue_name="thumbnailer")
    assert (result.args, result.kwargs) == ([1, [2, 3]], {"name": "n"})
    assert result.enqueued_at is not None
    assert result.started_at is result.finished_at is result.last_attempted_at is None
    assert result.attempts == 0
    assert UUID(result.id).version == 7
    with pytest.raises(ValueError, match="has not finished"):
        _ = result.return_value
    again = tasks.echo.get_result(result.id)
    assert again == result


@pytest.mark.parametrize(
    "unknown", [str(uuid4()), "nonsense", "", "1" * 64], ids=["another's", "a word", "nothing", "too long"]
)
def test_an_unknown_id_has_no_result(unknown):
    with pytest.raises(compat.TaskResultDoesNotExist):
        tasks.echo.get_result(unknown)


def test_a_result_of_another_task_is_a_mismatch():
    result = tasks.echo.enqueue()
    with pytest.raises(compat.TaskResultMismatch):
        tasks.fail.get_result(result.id)


@pytest.mark.django_db(transaction=True)
def test_async_enqueue_and_get_result():
    async def both():
        result = await tasks.echo.aenqueue("a")
        return result, await tasks.echo.aget_result(result.id)

    result, again = async_to_sync(both)()
    assert result == again


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"photo": object()}, "argument 'photo' cannot be stored as JSON"),
        ({"photo": b"\xff"}, "argument 'photo' cannot be stored as JSON"),
        ({"text": "a\x00b"}, "argument 'text' holds a NUL"),
        ({"text": "\ud800"}, "argument 'text' holds a lone surrogate"),
        ({"ratio": float("nan")}, "argument 'ratio' holds nan"),
        ({"blob": "x" * 300_000}, "argument 'blob'"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_the_insert(arguments, sentence, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises((TypeError, ValueError), match=sentence):
        tasks.echo.enqueue(**arguments)


def test_an_immediate_job_is_ready_and_one_for_later_is_scheduled():
    tasks.note.enqueue("now")
    later = tasks.note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("later")
    assert later.state == JobState.SCHEDULED
    assert later.status == compat.TaskResultStatus.READY
    drain()
    assert tasks.seen == ["now"]
    drain(now=timezone.now() + timedelta(hours=2))
    assert tasks.seen == ["now", "later"]
    later.refresh()
    assert later.task.run_after is not None, "the request is told as it was made"


def test_a_run_after_in_the_past_runs_at_once():
    tasks.note.using(run_after=timezone.now() - timedelta(days=1)).enqueue("past")
    drain()
    assert tasks.seen == ["past"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": 101},
        {"priority": -101},
        {"priority": 1.5},
        {"queue_name": "nobody"},
        {"run_after": datetime(2030, 1, 1)},
    ],
)
def test_a_wrong_request_is_an_invalid_task(wrong):
    with pytest.raises(compat.InvalidTask):
        tasks.echo.using(**wrong)


def test_the_signal_is_sent_with_the_backends_class():
    heard = []

    def receive(sender, task_result, **kwargs):
        heard.append((sender.__name__, task_result.id))

    compat.task_enqueued.connect(receive)
    try:
        result = tasks.echo.enqueue()
    finally:
        compat.task_enqueued.disconnect(receive)
    assert heard == [("ChannelsBackend", result.id)]


@pytest.mark.django_db(transaction=True)
def test_the_wake_up_leaves_after_the_commit_and_says_only_look_now():
    with transaction.atomic():
        result = tasks.echo.enqueue("secret")
        assert notifier._unsent == {}
        assert notifier._sending is None
    notifier.flush(5)
    message = _receive("default")
    assert message == {"type": "job.ready", "id": result.id}


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_neither_job_nor_wake_up():
    with pytest.raises(RuntimeError), transaction.atomic():
        tasks.echo.enqueue()
        raise RuntimeError
    assert notifier._sending is None
    assert not Job.objects.exists()


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
def test_enqueueing_inside_another_databases_transaction_warns(caplog):
    with caplog.at_level(logging.WARNING, "workers"), transaction.atomic(using="other"):
        tasks.echo.enqueue()
    assert "does not wait for that commit" in caplog.text


def test_a_job_enqueued_by_a_job_runs_too():
    tasks.enqueue_another.enqueue("child")
    drain()
    assert tasks.seen == ["child"]


def test_times_come_from_the_databases_clock_even_inside_one_transaction():
    first, second = tasks.echo.enqueue(), tasks.echo.enqueue()
    drain()
    first.refresh()
    second.refresh()
    assert first.enqueued_at <= second.enqueued_at <= first.started_at <= first.finished_at <= second.finished_at


def _receive(queue):
    # On the notifier's own loop: the in-memory layer's messages belong to the loop they were sent on.
    return asyncio.run_coroutine_threadsafe(get_channel_layer().receive(queue), notifier._loop).result(5)
