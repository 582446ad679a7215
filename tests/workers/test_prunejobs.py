"""`manage.py prunejobs` deletes what is past its keeping, and nothing else."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from workers.lifecycle import pruning
from workers.models import Attempt, Job, JobState

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def prunejobs(*args: str, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    call_command("prunejobs", *args, stdout=out)
    return out.getvalue()


def job(state: JobState, days: float, backend: str = "default") -> Job:
    made = Job.objects.create(task="tests.tasks.echo", state=state, backend=backend)
    Job.objects.filter(id=made.id).update(finished_at=Now() - timedelta(days=days))
    Attempt.objects.create(job=made, exception_class_path="builtins.ValueError", message="no", traceback="…")
    return made


def test_finished_jobs_go_after_their_keeping_and_failed_ones_later():
    kept = [job(JobState.SUCCESSFUL, 6.9), job(JobState.FAILED, 29.9), job(JobState.DISCARDED, 1)]
    for state, days in ((JobState.SUCCESSFUL, 7.1), (JobState.CANCELLED, 8), (JobState.FAILED, 30.1)):
        job(state, days)
    assert prunejobs() == "3 jobs deleted.\n"
    assert set(Job.objects.all()) == set(kept)
    assert set(Attempt.objects.values_list("job_id", flat=True)) == {each.id for each in kept}


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED, JobState.RUNNING])
def test_jobs_that_are_not_finished_stay_however_old(state):
    made = Job.objects.create(task="tests.tasks.echo", state=state)
    Job.objects.filter(id=made.id).update(enqueued_at=Now() - timedelta(days=400))
    assert prunejobs() == "0 jobs deleted.\n"
    assert Job.objects.exists()


def test_a_dry_run_tells_and_deletes_nothing():
    job(JobState.SUCCESSFUL, 8)
    job(JobState.FAILED, 31)
    assert prunejobs("--dry-run") == (
        "2 jobs would be deleted: 1 failed, older than 30 days, and 1 others, older than 7 days.\n"
    )
    assert Job.objects.count() == 2


def test_the_options_say_how_long(settings):
    settings.TASKS = {"default": settings.TASKS["default"] | {"OPTIONS": {"KEEP_FAILED": 86400}}}
    job(JobState.FAILED, 2)
    assert "1 failed, older than 1 day," in prunejobs("--dry-run")
    assert prunejobs() == "1 job deleted.\n"


def test_another_backends_jobs_are_left_to_it(settings):
    settings.TASKS = settings.TASKS | {"second": {"BACKEND": "workers.backend.ChannelsBackend", "QUEUES": []}}
    job(JobState.SUCCESSFUL, 8, backend="second")
    assert prunejobs() == "0 jobs deleted.\n"
    assert prunejobs("--backend", "second") == "1 job deleted.\n"


def test_an_unknown_backend_is_told_with_the_cure():
    with pytest.raises(CommandError, match="TASKS has no backend 'nope'"):
        prunejobs("--backend", "nope")


def test_all_batches_are_done_and_a_terminal_sees_them_pass(django_assert_max_num_queries):
    extra = 5
    Job.objects.bulk_create(
        Job(task="tests.tasks.echo", state=JobState.SUCCESSFUL) for _ in range(pruning.BATCH + extra)
    )
    Job.objects.update(finished_at=Now() - timedelta(days=8))
    with django_assert_max_num_queries(40):
        shown = prunejobs(out=Terminal())
    assert shown == "\r1,000 of 1,005\r1,005 of 1,005\n1,005 jobs deleted.\n"
    assert not Job.objects.exists()
