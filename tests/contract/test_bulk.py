"""``enqueue_many``: many jobs, few statements, all of them or none."""

from datetime import timedelta

import django
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import compat, enqueue_many
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


IMMEDIATE = "django.tasks.backends.immediate.ImmediateBackend"
if django.VERSION < (6,):
    IMMEDIATE = IMMEDIATE.replace("django.tasks", "django_tasks")


def calls(count):
    return [((number,), {}) for number in range(count)]


def test_every_job_runs_and_the_ids_come_in_the_order_given(options):
    options(POLL_INTERVAL=60)
    with running_worker() as worker:
        wait_until(lambda: worker.worker.engine.ledger.idle.is_set(), "its first look is over")
        ids = enqueue_many(tasks.echo, [([number], {"half": number / 2}) for number in range(50)])
        wait_until(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == 50, "all have run")
    kept = {str(job.id): job.return_value for job in Job.objects.all()}
    assert [kept[job_id] for job_id in ids] == [[[number], {"half": number / 2}] for number in range(50)]
    assert ids == sorted(ids), "who came first is first in line"


def test_a_thousand_jobs_are_one_statement():
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres: SQLite takes only some values in a statement")
    with CaptureQueriesContext(connection) as queries:
        ids = enqueue_many(tasks.note, calls(2001))
    assert len([query for query in queries if "INSERT INTO" in query["sql"]]) == 3
    assert len([query for query in queries if query["sql"].split()[0] not in ("INSERT", "BEGIN", "COMMIT")]) == 0
    assert Job.objects.filter(id__in=ids).count() == 2001


def test_nothing_to_enqueue_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert enqueue_many(tasks.note, []) == []


@pytest.mark.parametrize(("bad", "error"), [(object(), TypeError), ("x" * 300_000, ValueError)])
def test_one_argument_that_cannot_be_kept_refuses_them_all(bad, error):
    with pytest.raises(error):
        enqueue_many(tasks.note, [*calls(3), ((bad,), {})])
    assert not Job.objects.exists()


def test_what_is_rolled_back_never_was(options):
    options(POLL_INTERVAL=0.1)
    with running_worker():
        with pytest.raises(LookupError), transaction.atomic():
            enqueue_many(tasks.note, calls(3))
            raise LookupError
        enqueue_many(tasks.note, [(("kept",), {})])
        wait_until(lambda: tasks.seen, "the others run")
    assert (tasks.seen, Job.objects.count()) == (["kept"], 1)


def test_the_tasks_own_priority_queue_and_time_are_kept():
    later = timezone.now() + timedelta(hours=1)
    enqueue_many(tasks.note.using(run_after=later, priority=7, queue_name="thumbnailer"), calls(2))
    rows = Job.objects.values_list("state", "run_after", "requested_run_after", "priority", "queue")
    assert set(rows) == {(JobState.SCHEDULED, later, later, 7, "thumbnailer")}
    drain()
    assert tasks.seen == []
    drain(now=later + timedelta(seconds=1))
    assert sorted(tasks.seen) == [0, 1]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
def test_inside_another_databases_transaction_it_warns_once(caplog):
    with transaction.atomic(using="other"):
        enqueue_many(tasks.note, calls(3))
    assert caplog.text.count("does not wait for that commit") == 1
    caplog.clear()
    with transaction.atomic(using="other"), transaction.atomic():
        enqueue_many(tasks.note, calls(3))
    assert caplog.text == ""


def test_each_is_told_as_enqueued():
    heard = []

    def receive(sender, task_result, **kwargs):
        heard.append(task_result)

    compat.task_enqueued.connect(receive)
    try:
        ids = enqueue_many(tasks.note, calls(3))
    finally:
        compat.task_enqueued.disconnect(receive)
    assert [result.id for result in heard] == ids
    assert heard == [compat.task_backends["default"].get_result(job_id) for job_id in ids]


def test_another_backend_gets_them_one_by_one(settings):
    settings.TASKS = settings.TASKS | {"at-once": {"BACKEND": IMMEDIATE}}
    ids = enqueue_many(tasks.note.using(backend="at-once"), calls(3))
    assert (tasks.seen, len(set(ids)), Job.objects.count()) == ([0, 1, 2], 3, 0)


@pytest.mark.parametrize("call", [1, None, (1,), ("ab", {}), ((1,), {1: 2}), ((1,), [2]), ((1,), {}, 3)])
def test_a_call_that_is_none_is_refused_with_its_number_and_nothing_is_written(call):
    with pytest.raises(TypeError, match=r"call 2 is .*; give \(args, kwargs\), as in"):
        enqueue_many(tasks.note, [((1,), {}), call])
    assert not Job.objects.exists()


def test_the_call_whose_arguments_cannot_be_kept_is_named():
    with pytest.raises(TypeError, match="call 2: argument 1 cannot be stored as JSON"):
        enqueue_many(tasks.note, [((1,), {}), ((object(),), {})])
    assert not Job.objects.exists()


def test_a_function_that_is_no_task_is_refused_with_the_cure():
    with pytest.raises(TypeError, match="is not a task; decorate it with @task"):
        enqueue_many(len, [((1,), {})])
