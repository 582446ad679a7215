"""A message lost, doubled, late or malformed changes nothing but latency."""

import asyncio

import pytest
from channels.consumer import SyncConsumer
from channels.layers import get_channel_layer
from channels.routing import ChannelNameRouter, ProtocolTypeRouter

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.call import Call
from workers.lifecycle import enqueueing
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def send(worker, channel, message):
    """Put a message on the channel, from the worker's own loop."""
    sending = asyncio.run_coroutine_threadsafe(get_channel_layer().send(channel, message), worker.loop)
    sending.result(5)


def test_a_job_whose_message_was_lost_runs_at_the_poll(options):
    options(POLL_INTERVAL=0.3)
    with running_worker():
        wait_until(lambda: Job.objects.count() == 0, "idle")
        enqueueing.insert("default", tasks.note, [Call(["quiet"], {})])  # without a word to anybody
        wait_until(lambda: tasks.seen == ["quiet"], "it ran", timeout=5)


def test_a_doubled_and_a_late_message_run_nothing_twice(finished, options):
    options(POLL_INTERVAL=60)
    with running_worker() as worker:
        result = tasks.note.enqueue("once")
        for _ in range(50):
            send(worker, "default", {"type": "job.ready", "id": result.id})
        finished(result)
        for _ in range(50):
            send(worker, "default", {"type": "job.ready", "id": result.id})
        finished(tasks.note.enqueue("after"))
    assert tasks.seen == ["once", "after"]
    assert Job.objects.get(id=result.id).attempts == 1


@pytest.mark.parametrize(
    "message",
    [
        {"no": "type"},
        {"type": ""},
        {"type": "job.dispatch", "id": "x"},
        {"type": "job.ready"},
        {"type": "job.ready", "id": "not-an-id"},
        {"type": "job.ready", "id": {"nested": [1, 2]}},
        {"type": 7, "id": None},
        {"type": "websocket.receive", "text": "hello"},
    ],
)
def test_a_malformed_or_foreign_message_is_dropped_and_the_worker_hears_on(message, finished, options, caplog):
    options(POLL_INTERVAL=60)  # so that only a message can wake it
    with running_worker() as worker:
        finished(tasks.note.enqueue("before"))
        send(worker, "default", message)
        wait_until(lambda: "is dropped" in caplog.text, "the worker says so")
        finished(tasks.note.enqueue("after"))
    assert tasks.seen == ["before", "after"]


def test_a_message_about_a_job_that_is_no_more_wakes_for_nothing(finished, options):
    options(POLL_INTERVAL=60)
    with running_worker() as worker:
        send(worker, "default", {"type": "job.ready", "id": "00000000-0000-7000-8000-000000000000"})
        finished(tasks.note.enqueue("after"))
    assert tasks.seen == ["after"]


class Plain(SyncConsumer):
    """A consumer as Channels knows it: at most once, and gone with its first exception."""

    heard: list = []

    def greet(self, message):
        self.heard.append(message["name"])

    def stumble(self, message):
        raise RuntimeError("stumbled")


# asgiref's own server hands sync consumers a lambda.
@pytest.mark.filterwarnings("ignore:async_to_sync was passed a non-async-marked callable")
def test_a_plain_consumer_runs_beside_the_queues_and_survives_its_own_errors(finished, caplog):
    Plain.heard.clear()
    application = ProtocolTypeRouter({"channel": ChannelNameRouter({"plain": Plain.as_asgi()})})
    with running_worker("default", "plain", application=application) as worker:
        send(worker, "plain", {"type": "greet", "name": "ada"})
        send(worker, "plain", {"name": "no type"})
        wait_until(lambda: Plain.heard == ["ada"], "the consumer heard")
        send(worker, "plain", {"type": "stumble"})
        wait_until(lambda: "consumer on plain failed" in caplog.text, "the failure is told")
        send(worker, "plain", {"type": "greet", "name": "grace"})
        wait_until(lambda: Plain.heard == ["ada", "grace"], "the consumer hears again")
        assert finished(tasks.note.enqueue("job")).state == JobState.SUCCESSFUL
