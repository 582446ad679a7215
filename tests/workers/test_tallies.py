"""How one outcome is counted: as what, and with which times. Nothing here needs a database."""

from datetime import UTC, datetime, timedelta

import pytest

from workers import outcome
from workers.measures import LEASE_LOST, RETRIED, RUN, SNOOZED, WAIT, measure_of
from workers.models import Job, JobState
from workers.tallies import Tallies

DUE = datetime(2026, 1, 1, tzinfo=UTC)
NO = ValueError("no")


def job(wait: float = 0, ran_for: float | None = None, **fields) -> Job:
    """Claimed ``wait`` seconds after it was due."""
    made = Job(queue="default", run_after=DUE, last_attempted_at=DUE + timedelta(seconds=wait), **fields)
    made.ran_for = ran_for
    return made


def ended(made: Job, seconds: float = 1) -> datetime:
    assert made.last_attempted_at
    return made.last_attempted_at + timedelta(seconds=seconds)


def counted(*batch) -> dict[str, int]:
    tallies = Tallies()
    tallies.count(batch)
    return {measure: count for _, measure, count in tallies.take()}


@pytest.mark.parametrize(
    ("done", "finished", "measure"),
    [
        (outcome.succeeded(job(), 1), True, "successful"),
        (outcome.failed(job(), NO), True, "failed"),
        (outcome.discarded(job(), NO), True, "discarded"),
        (outcome.cancelled(job(), NO), True, "cancelled"),
        (outcome.retried(job(), NO, 5), False, RETRIED),
        (outcome.retried(job(), NO, 5), True, "cancelled"),
        (outcome.snoozed(job(), 5), False, SNOOZED),
        (outcome.snoozed(job(), 5), True, "cancelled"),
        (outcome.interrupted(job()), False, None),
        (outcome.returned(job()), False, None),
    ],
)
def test_an_outcome_counts_as_what_became_of_the_job(done, finished, measure):
    assert measure_of(done, DUE if finished else None) == measure


def test_the_wait_is_from_due_to_claimed_and_the_run_is_what_the_slot_measured():
    made = job(wait=0.2, ran_for=0.03)
    assert counted((outcome.succeeded(made, 1), ended(made, 7))) == {
        "successful": 1,
        "wait 0.25": 1,
        WAIT.sum: 200_000,
        "run 0.05": 1,
        RUN.sum: 30_000,
    }


def test_what_no_slot_measured_ran_from_claim_to_end_by_the_database():
    made = job()
    assert counted((outcome.failed(made, NO), ended(made, 7)))["run 10"] == 1


def test_a_retry_waited_since_its_own_time():
    """The claim read the row after the backoff had moved ``run_after``."""
    made = job(wait=0.004, ran_for=0.001, attempts=1)
    assert counted((outcome.retried(made, NO, 60), None)) == {
        RETRIED: 1,
        "wait 0.005": 1,
        WAIT.sum: 4_000,
        "run 0.005": 1,
        RUN.sum: 1_000,
    }


def test_after_a_shutdown_the_time_it_ran_before_is_no_wait():
    made = job(wait=3000, ran_for=0.5, interruptions=1)
    assert not [measure for measure in counted((outcome.succeeded(made, 1), ended(made))) if "wait" in measure]


@pytest.mark.parametrize("made", [outcome.returned(job(wait=60)), outcome.called_off_unstarted(job(wait=60), "ann")])
def test_what_did_not_run_has_no_times(made):
    finished_at = DUE if made.state.is_finished else None
    assert set(counted((made, finished_at))) <= {"cancelled"}


def test_a_job_completed_in_its_own_transaction_is_timed_like_any_other():
    made = job(wait=0.2, ran_for=0.03)
    done = outcome.completed(made, 1, None, ended(made))
    assert set(counted((done, done.completed_at))) == {"successful", "wait 0.25", WAIT.sum, "run 0.05", RUN.sum}


def test_jobs_that_ended_without_an_attempt_count_and_those_that_go_on_do_not():
    states = [JobState.FAILED, JobState.CANCELLED, JobState.READY, JobState.SCHEDULED]
    assert counted(*(Job(queue="default", state=state) for state in states)) == {"failed": 1, "cancelled": 1}


def test_each_queue_has_its_own_numbers():
    tallies = Tallies()
    tallies.count([(outcome.returned(Job(queue="quiet")), None)])
    for queue in ("mails", "pictures", "mails"):
        tallies.add(queue, LEASE_LOST)
    assert sorted(tallies.take()) == [("mails", LEASE_LOST, 2), ("pictures", LEASE_LOST, 1)]


def test_a_write_is_due_some_seconds_after_the_first_count_and_never_before_one():
    tallies = Tallies()
    assert tallies.seconds_left is None
    tallies.add("mails", LEASE_LOST)
    first = tallies.seconds_left
    tallies.add("mails", LEASE_LOST)
    assert 0 < tallies.seconds_left <= first <= 10
    assert tallies.take() == [("mails", LEASE_LOST, 2)]
    assert (tallies.seconds_left, tallies.take()) == (None, [])
