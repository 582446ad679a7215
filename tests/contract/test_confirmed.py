"""What a running worker records and tells: each outcome by itself, and only when the database has confirmed it."""

import threading
from uuid import uuid4

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import compat, enqueue_many
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told():
    """The ids that task_finished was sent for, and the threads that sent them; it waits while ``busy`` is cleared."""
    heard, busy = [], threading.Event()
    busy.set()

    def receive(sender, task_result, **kwargs):
        heard.append((task_result.id, threading.current_thread().name))
        busy.wait(20)

    compat.task_finished.connect(receive)
    yield heard, busy
    busy.set()
    compat.task_finished.disconnect(receive)


def test_a_poisonous_outcome_fails_alone_among_its_neighbours(finished, told):
    with running_worker(concurrency=4):
        neighbours = [tasks.meet_and_leave.enqueue(number) for number in range(3)]
        poison = tasks.meet_and_leave.enqueue("poison")
        for result in (*neighbours, poison):
            finished(result)
        finished(tasks.note.enqueue("next"))
        wait_until(lambda: len(told[0]) == 5, "all are told")
    assert [result.return_value for result in neighbours] == [0, 1, 2]
    assert poison.state == JobState.FAILED
    assert "refused" in poison.errors[-1].traceback
    assert Attempt.objects.count() == 1
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_an_outcome_that_lost_its_lease_is_told_to_nobody(finished, told, caplog):
    with running_worker(concurrency=2) as worker:
        stolen = tasks.wait_at_gate.enqueue("stolen")
        wait_until(lambda: tasks.seen == ["stolen"], "it runs")
        # As after a rescue: somebody else's claim stands on the row, and that worker is alive.
        Job.objects.filter(id=stolen.id).update(claim_token=uuid4())
        tasks.gate.set()
        wait_until(lambda: "lost its lease" in caplog.text, "the outcome is refused")
        after = tasks.note.enqueue("after")
        finished(after)
        wait_until(lambda: told[0], "the other end is told")
        WorkerProcess.objects.create(id="another", backend="default", hostname="elsewhere", pid=1, concurrency=4)
        Job.objects.filter(id=stolen.id).update(worker_id="another")
        assert worker.clean is None
    assert [job_id for job_id, _ in told[0]] == [after.id]
    assert Job.objects.get(id=stolen.id).state == JobState.RUNNING


def test_a_receiver_that_takes_its_time_holds_up_neither_claims_nor_outcomes(finished, told):
    heard, busy = told
    busy.clear()
    with running_worker(concurrency=2):
        finished(tasks.note.enqueue("first"))
        wait_until(lambda: heard, "the receiver is at it")
        enqueue_many(tasks.note, [((number,), {}) for number in range(20)])
        wait_until(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == 21, "the others are recorded")
        assert len(heard) == 1
        busy.set()
        wait_until(lambda: len(heard) == 21, "all are told")
    assert not {name for _, name in heard} & {"ledger", "worker", "MainThread"}
