"""What a claim takes: the best first, of its own backend only, and whatever is READY without looking at any clock."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from workers.lifecycle import claiming
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db]


def job(state: JobState = JobState.READY, minutes: float = 0, **fields: object) -> Job:
    """``minutes``: when it falls due, from now by the database's clock."""
    made = Job.objects.create(task="tests.tasks.echo", state=state, **fields)
    Job.objects.filter(id=made.id).update(run_after=Now() + timedelta(minutes=minutes))
    return made


def claim(**rooms: int) -> list[Job]:
    return claiming.claim("default", "default", rooms, "one")


def test_a_batch_comes_best_first_whatever_the_database_returns():
    late, urgent = job(minutes=-1), job(priority=5)
    early, worst, young = job(minutes=-9), job(priority=-5, minutes=-99), job(minutes=0)
    assert claim(default=5) == [urgent, early, late, young, worst]


def test_a_ready_job_is_claimed_even_when_its_time_lies_in_the_future():
    # As when the database's clock was set back after it had been promoted.
    ready = job(minutes=60)
    assert claim(default=1) == [ready]


def test_a_claim_leaves_alone_what_belongs_to_another_backend_or_queue():
    job(backend="other")
    job(queue="thumbnailer")
    mine = job()
    assert claim(default=10) == [mine]
    assert claiming.claim("default", "other", {"thumbnailer": 10}, "one") == []


def test_each_queue_gives_no_more_than_its_room():
    for queue in ("a", "b") * 5:
        job(queue=queue)
    assert sorted(each.queue for each in claim(a=2, b=3)) == ["a", "a", "b", "b", "b"]


def test_only_what_is_due_is_promoted_oldest_first_and_no_more_than_a_turn_may():
    overdue = [job(JobState.SCHEDULED, minutes=-age) for age in (1, 3, 2)]
    future, foreign = job(JobState.SCHEDULED, minutes=1), job(JobState.SCHEDULED, minutes=-9, backend="other")
    assert set(claiming.promote("default", "default", limit=2)) == {"default"}
    ready = set(Job.objects.filter(state=JobState.READY))
    assert ready == {overdue[1], overdue[2]}
    claiming.promote("default", "default")
    assert set(Job.objects.filter(state=JobState.SCHEDULED)) == {future, foreign}
    assert claiming.PROMOTE_LIMIT == 1000


def test_every_claim_has_a_token_of_its_own():
    tokens = {taken.claim_token for taken in (job() and claim(default=1)[0] for _ in range(3))}
    assert len(tokens) == 3
    assert None not in tokens
