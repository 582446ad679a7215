"""The request that enqueues and the job's runs are one trace, by a real OpenTelemetry SDK; without it nothing is."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.workers import traced
from workers import enqueue_many, tracing
from workers.models import Job

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

HAS_SDK = find_spec("opentelemetry") is not None and find_spec("opentelemetry.sdk") is not None
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exporter(monkeypatch):
    if not HAS_SDK:
        reason = "NOT TESTED: no OpenTelemetry here. Install it: pip install opentelemetry-sdk"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    # For this test alone: set_tracer_provider() is for ever.
    monkeypatch.setattr(tracing.api(), "_TRACER_PROVIDER", provider)
    monkeypatch.setattr(tracing, "_silent_until", 0.0)
    yield exporter
    provider.shutdown()


@pytest.fixture
def spans(exporter):
    """``spans("CONSUMER")``: those that have ended, by their kind, in the order of their starts."""

    def of(kind):
        found = [span for span in exporter.get_finished_spans() if span.kind.name == kind]
        return sorted(found, key=lambda span: span.start_time)

    return of


def ids(span):
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


def parent_of(span):
    return span.parent and f"{span.parent.span_id:016x}"


def attributes(span, *names):
    return [span.attributes.get(name) for name in names]


@pytest.mark.parametrize("task", [traced.where_am_i, traced.awhere_am_i], ids=lambda task: task.name)
def test_request_enqueue_and_run_are_one_trace_and_the_task_runs_inside_it(task, spans, finished):
    with running_worker():
        with tracing.api().get_tracer("web").start_as_current_span("POST /invitations/"):
            result = task.enqueue()
        finished(result)
    [request], [sent], [run] = spans("INTERNAL"), spans("PRODUCER"), spans("CONSUMER")
    assert (parent_of(sent), parent_of(run)) == (ids(request)[1], ids(sent)[1])
    assert ids(request)[0] == ids(sent)[0] == ids(run)[0]
    assert result.return_value == list(ids(run))
    assert Job.objects.get().trace.startswith("00-{}-{}-0".format(*ids(sent)))


def test_spans_say_what_was_sent_and_run(spans, finished):
    with running_worker():
        result = tasks.echo.enqueue()
        finished(result)
    [sent], [run] = spans("PRODUCER"), spans("CONSUMER")
    assert (sent.name, run.name) == ("send default", "process default")
    names = ("messaging.operation.type", "messaging.destination.name", "messaging.message.id", "workers.task")
    assert attributes(sent, *names) == ["send", "default", result.id, "tests.tasks.echo"]
    assert attributes(run, *names) == ["process", "default", result.id, "tests.tasks.echo"]
    assert attributes(run, "workers.attempt", "workers.state", "error.type") == [1, "SUCCESSFUL", None]
    assert run.status.status_code.name == "UNSET"


def test_each_attempt_is_a_span_of_the_same_trace_with_its_error(spans, finished):
    with running_worker():
        finished(tasks.fail_three_times.enqueue())
    [sent], runs = spans("PRODUCER"), spans("CONSUMER")
    assert [attributes(run, "workers.attempt", "workers.state") for run in runs] == [
        [1, "READY"],
        [2, "READY"],
        [3, "FAILED"],
    ]
    assert {parent_of(run) for run in runs} == {ids(sent)[1]}
    for run in runs:
        [event] = run.events
        assert event.attributes["exception.message"] == "again"
        assert "fail_three_times" in event.attributes["exception.stacktrace"]
        assert (run.status.status_code.name, run.attributes["error.type"]) == ("ERROR", "builtins.ValueError")


def test_a_snooze_is_no_error(spans):
    from workers.testing import drain

    tasks.snooze.enqueue(60)
    drain()
    [run] = spans("CONSUMER")
    assert (run.status.status_code.name, run.events) == ("UNSET", ())
    assert attributes(run, "workers.state") == ["SCHEDULED"]


def test_jobs_enqueued_together_are_one_span_and_each_has_its_run_below_it(spans):
    from workers.testing import drain

    enqueue_many(tasks.echo, [((number,), {}) for number in range(3)])
    drain()
    [sent], runs = spans("PRODUCER"), spans("CONSUMER")
    assert sent.attributes["messaging.batch.message_count"] == 3
    assert [parent_of(run) for run in runs] == [ids(sent)[1]] * 3


def test_a_job_enqueued_by_a_task_goes_on_in_the_same_trace(spans):
    from workers.testing import drain

    tasks.enqueue_another.enqueue("more")
    drain()
    sent, runs = spans("PRODUCER"), spans("CONSUMER")
    assert parent_of(sent[1]) == ids(runs[0])[1]
    assert len({ids(span)[0] for span in [*sent, *runs]}) == 1


@pytest.mark.parametrize("trace", ["", "nonsense", PARENT.replace("4bf9", "zzzz"), PARENT[:-3]])
def test_a_job_whose_trace_is_unknown_or_unreadable_begins_one(trace, spans):
    from workers.testing import drain

    tasks.echo.enqueue()
    Job.objects.update(trace=trace)
    [result] = drain()
    assert result.status.name == "SUCCESSFUL"
    assert spans("CONSUMER")[0].parent is None


def test_a_trace_that_came_from_elsewhere_goes_on(spans):
    from workers.testing import drain

    tasks.echo.enqueue()
    Job.objects.update(trace=PARENT)
    drain()
    [run] = spans("CONSUMER")
    assert (ids(run)[0], parent_of(run)) == tuple(PARENT.split("-")[1:3])


def test_an_insert_that_fails_is_an_error_of_its_span(spans, monkeypatch):
    with pytest.raises(ZeroDivisionError), tracing.enqueuing("default", "tests.tasks.echo", []):
        raise ZeroDivisionError
    [sent] = spans("PRODUCER")
    assert sent.status.status_code.name == "ERROR"


@pytest.mark.skipif(not HAS_SDK, reason="OpenTelemetry is not installed")
def test_with_the_api_alone_nothing_is_kept():
    import opentelemetry.trace  # noqa: F401

    from workers.testing import drain

    tasks.echo.enqueue()
    job = Job.objects.get()
    assert (job.trace, tracing.running(job) is tracing.NOBODY_LISTENS) == ("", True)
    assert drain()[0].status.name == "SUCCESSFUL"


def test_an_sdk_that_is_set_up_after_the_first_job_is_seen(exporter, monkeypatch):
    provider = tracing.api().get_tracer_provider()
    monkeypatch.setattr(tracing, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(tracing.api(), "_TRACER_PROVIDER", None)
    assert not tracing.records()
    monkeypatch.setattr(tracing.api(), "_TRACER_PROVIDER", provider)
    assert tracing.records()


WITHOUT = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocker())
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import tasks
from workers import enqueue_many, tracing
from workers.models import Job
from workers.testing import drain
tasks.echo.enqueue(1)
enqueue_many(tasks.echo, [((2,), {}), ((3,), {})])
print([result.status.name for result in drain()], set(Job.objects.values_list("trace", flat=True)), tracing.api())
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""


def test_without_the_api_nothing_is_imported_or_kept_and_all_works(tmp_path):
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=env, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['SUCCESSFUL', 'SUCCESSFUL', 'SUCCESSFUL'] {''} None\n"
