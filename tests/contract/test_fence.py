"""No job's outcome is recorded twice: every write names its claim's token."""

from uuid import uuid4

import pytest

from tests import tasks
from workers import outcome
from workers.lifecycle import claiming, recording, rescuing
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db]


def claim(room=1, worker_id="one", rescued=False):
    return claiming.claim("default", "default", {"default": room}, worker_id, rescued=rescued)


def register(worker_id):
    return WorkerProcess.objects.create(id=worker_id, backend="default", hostname="h", pid=1, concurrency=1)


def test_two_claims_share_no_job():
    for _ in range(5):
        tasks.echo.enqueue()
    first, second = claim(3, "one"), claim(3, "two")
    assert (len(first), len(second)) == (3, 2)
    assert {job.id for job in first}.isdisjoint(job.id for job in second)
    assert claim() == []


def test_an_outcome_is_recorded_once_however_often_it_is_sent():
    tasks.echo.enqueue()
    (job,) = claim()
    done = outcome.succeeded(job, 1)
    assert set(recording.record("default", [done])) == {job.id}
    assert recording.record("default", [done]) == {}
    job.refresh_from_db()
    assert (job.state, job.attempts, job.return_value) == (JobState.SUCCESSFUL, 1, 1)


def test_a_worker_that_lost_its_job_cannot_record_it():
    tasks.echo.enqueue()
    (stale,) = claim(worker_id="dead")
    rescuing.rescue_orphans("default", "default", max_rescues=5)
    register("two")
    (fresh,) = claim(worker_id="two", rescued=True)
    assert recording.record("default", [outcome.succeeded(stale, "stale")]) == {}
    assert set(recording.record("default", [outcome.succeeded(fresh, "fresh")])) == {fresh.id}
    fresh.refresh_from_db()
    assert (fresh.return_value, fresh.attempts) == ("fresh", 1)


def test_a_stale_failure_leaves_no_attempt():
    tasks.fail.enqueue()
    (stale,) = claim()
    Job.objects.update(claim_token=uuid4())
    assert recording.record("default", [outcome.failed(stale, ValueError())]) == {}
    assert not Attempt.objects.exists()


def test_an_outcome_whose_commit_was_in_doubt_is_read_back():
    tasks.echo.enqueue()
    tasks.fail_and_wait.enqueue()
    tasks.echo.enqueue()
    succeeds, retries, unsent = claim(3)
    sent = [outcome.succeeded(succeeds, 1), outcome.retried(retries, ValueError(), 30)]
    recording.record("default", sent)
    known = recording.read_back("default", [*sent, outcome.succeeded(unsent, 1)])
    assert set(known) == {succeeds.id, retries.id}
    assert known[succeeds.id] is not None
    assert known[retries.id] is None


def test_a_rescued_job_is_not_read_back_as_our_own_work():
    tasks.echo.enqueue()
    (job,) = claim(worker_id="dead")
    rescuing.rescue_orphans("default", "default", max_rescues=0)
    assert Job.objects.get().state == JobState.FAILED
    assert recording.read_back("default", [outcome.failed(job, ValueError())]) == {}


def test_one_poisonous_outcome_takes_no_neighbour_along():
    for _ in range(5):
        tasks.echo.enqueue()
    jobs = claim(5)
    batch = [outcome.succeeded(job, number) for number, job in enumerate(jobs)]
    batch[2] = poisonous(jobs[2])
    confirmed = recording.record_split("default", batch)
    assert len(confirmed) == 5
    states = dict(Job.objects.values_list("id", "state"))
    assert [states[job.id] for job in jobs].count(JobState.SUCCESSFUL) == 4
    assert states[jobs[2].id] == JobState.FAILED
    assert "refused" in Attempt.objects.get().message


def poisonous(job):
    """An outcome the database refuses: more seconds than an interval, or a number than a column, can hold."""
    return outcome.Outcome(job, JobState.SCHEDULED, delay=1e300, attempts=1)


def test_claims_whose_answer_was_lost_are_released_unburnt():
    for _ in range(3):
        tasks.echo.enqueue()
    register("one")
    known = claim(1, "one")[0]
    claim(2, "one")  # the answer never arrived
    assert len(rescuing.release("default", "one", keep={known.claim_token})) == 2
    states = sorted(Job.objects.values_list("state", "attempts", "rescues", "interruptions"))
    assert states == [("READY", 0, 0, 0), ("READY", 0, 0, 0), ("RUNNING", 0, 0, 0)]
