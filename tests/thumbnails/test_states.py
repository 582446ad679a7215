"""What a picture says of itself in every state of its job, and when the job is gone."""

import itertools

import pytest

from thumbnails.models import Picture
from thumbnails.state import PictureState, explain, state_of
from workers.models import Attempt, AttemptKind, Job, JobState

EXPECTED = {
    ("READY", False): "queued",
    ("SCHEDULED", False): "queued",
    ("READY", True): "retrying",
    ("SCHEDULED", True): "retrying",
    ("RUNNING", False): "working",
    ("RUNNING", True): "working",
    ("SUCCESSFUL", True): "failed",  # ended well, and left nothing
    ("FAILED", True): "failed",
    ("DISCARDED", True): "discarded",
    ("CANCELLED", False): "cancelled",
    (None, False): "failed",
}


@pytest.mark.parametrize(("job_state", "tried"), EXPECTED)
def test_without_an_effect_the_job_tells_the_state(job_state, tried):
    told = state_of(rendered=False, refused=False, job_state=job_state, tried=tried)
    assert told == EXPECTED[job_state, tried]


@pytest.mark.parametrize("job_state", [None, *JobState])
def test_effects_tell_more_than_the_job(job_state):
    assert state_of(rendered=True, refused=False, job_state=job_state, tried=True) == "ready"
    assert state_of(rendered=False, refused=True, job_state=job_state, tried=True) == "refused"


def test_every_state_is_pending_or_final_and_final_ones_explain_themselves():
    for state, last in itertools.product(PictureState, [None, *AttemptKind]):
        assert not (state.is_pending and state.may_be_tried_again)
        if state.tone == "state-bad":
            assert explain(state, error="Because.", last_failure=last).endswith(".")


@pytest.mark.django_db
def test_a_picture_reads_its_state_with_one_query(add, django_assert_num_queries):
    for _ in range(3):
        add()
    Job.objects.filter(args=[str(Picture.objects.earliest("created_at").pk)]).update(state="SCHEDULED", attempts=1)
    with django_assert_num_queries(1):
        states = [picture.state for picture in Picture.objects.with_state().order_by("created_at")]
    assert states == ["retrying", "queued", "queued"]


@pytest.mark.django_db
def test_a_job_given_up_because_its_workers_were_lost_shows_on_the_picture(add):
    picture = add()
    Job.objects.update(state="FAILED", rescues=5)
    Attempt.objects.create(job_id=picture.job_id, kind=AttemptKind.WORKER_LOST, worker_id="w", traceback="")
    picture = Picture.objects.with_state().get()
    assert picture.state == "failed"
    assert "worker was lost" in picture.explanation
