"""What is told of jobs on the channel layer: to whom, how often, and that nobody waits for it."""

import logging

import pytest
from channels.layers import BaseChannelLayer, get_channel_layer
from django.db import transaction

from tests import tasks
from tests.waiting import wait_until
from workers import events
from workers.bulk import enqueue_many
from workers.events import IN_ONE_MESSAGE, Event, job_group, messages, owner_group
from workers.models import Job, JobState

OWNER = "7"


@pytest.fixture(autouse=True)
def layer(settings, monkeypatch):
    """Records what groups are told, by a broadcaster of this test."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "tests.workers.layers.GroupLayer"}}
    monkeypatch.setattr(events, "PAUSE", 0.001)
    monkeypatch.setattr(events, "SEND_TIMEOUT", 60)
    monkeypatch.setattr(events, "broadcaster", events.Broadcaster())
    yield get_channel_layer()
    events.broadcaster.flush(10)


def a_job(**fields) -> Job:
    return Job(task="tests.tasks.note", **fields)


def told(layer) -> list[tuple[str, list[dict]]]:
    """Group by group, after everything was sent."""
    events.broadcaster.flush(10)
    return [(group, message["jobs"]) for group, message in layer.heard]


def event(number: int, *groups: str) -> Event:
    return Event(str(number), "task", "queue", "READY", groups=groups)


def test_only_jobs_with_an_owner_or_a_watcher_are_told_of(layer):
    events.tell(a_job(), JobState.RUNNING)
    assert events.broadcaster._sending is None, "of nobody's job there is not even a round of sending"
    owned, watched = a_job(owner=OWNER), a_job(watched=True)
    for job in (owned, watched):
        events.tell(job, JobState.RUNNING)
    assert sorted((group, job["id"]) for group, jobs in told(layer) for job in jobs) == sorted(
        [(owner_group(OWNER), str(owned.id)), (job_group(watched.id), str(watched.id))]
    )


def test_a_job_that_is_owned_and_watched_is_told_to_both(layer):
    events.tell(a_job(owner=OWNER, watched=True))
    assert len(told(layer)) == 2


def test_the_state_the_attempts_and_the_progress_are_told(layer):
    job = a_job(owner=OWNER, attempts=1, progress={"done": 1, "total": 2, "note": "half"})
    events.tell(job, JobState.SCHEDULED, spent=1)
    ((_, (said,)),) = told(layer)
    assert said == {
        "id": str(job.id),
        "task": "tests.tasks.note",
        "queue": "default",
        "state": "SCHEDULED",
        "attempts": 2,
        "progress": {"done": 1, "total": 2, "note": "half"},
        "new": False,
    }


def test_while_one_round_is_sent_the_news_of_a_job_become_its_latest(layer):
    layer.gate.clear()
    first, second = a_job(owner=OWNER), a_job(owner=OWNER)
    events.tell(first)
    wait_until(lambda: layer.attempts, "the first round is under way")
    events.tell_enqueued(OWNER, [second.id], second.task, second.queue, "READY")
    for state in (JobState.RUNNING, JobState.SUCCESSFUL):
        events.tell(second, state)
    layer.gate.set()
    (_, _), (_, (said,)) = told(layer)
    assert (said["id"], said["state"]) == (str(second.id), "SUCCESSFUL")
    assert said["new"], "who shows lists must still hear that it is new"


def test_what_the_layer_cannot_take_in_time_is_dropped_and_not_kept(layer, monkeypatch):
    monkeypatch.setattr(events, "MOST", 3)
    layer.gate.clear()
    events.tell(a_job(owner=OWNER))
    wait_until(lambda: layer.attempts, "the first round is under way")
    waiting = [a_job(owner=OWNER) for _ in range(5)]
    for job in waiting:
        events.tell(job)
    events.tell(waiting[0], JobState.SUCCESSFUL)
    layer.gate.set()
    said = {job["id"]: job["state"] for _, jobs in told(layer)[1:] for job in jobs}
    assert list(said) == [str(job.id) for job in waiting[:3]]
    assert said[str(waiting[0].id)] == "SUCCESSFUL", "what waits already is kept up to date"


def test_a_message_is_of_one_group_and_bounded():
    made = messages([event(number, "a") for number in range(IN_ONE_MESSAGE + 1)] + [event(0, "b")])
    assert [(group, len(message["jobs"])) for group, message in made] == [("a", IN_ONE_MESSAGE), ("a", 1), ("b", 1)]
    assert {message["type"] for _, message in made} == {"jobs.changed"}


@pytest.mark.parametrize(
    "owner", ["7", "0a1b2c3d-1111-4222-8333-444455556666", "ada@example.com", "a b/ü\n", "x" * 500, "..", "a.b"]
)
def test_every_owner_has_a_group_of_his_own_that_every_layer_takes(owner):
    assert BaseChannelLayer().require_valid_group_name(owner_group(owner))
    assert owner_group(owner) != owner_group(owner + "1")


def test_an_outage_is_told_once_and_what_comes_after_it_is_sent(layer, caplog):
    caplog.set_level(logging.INFO, "workers.events")
    layer.broken = True
    for _ in range(3):
        events.tell(a_job(owner=OWNER))
        events.broadcaster.flush(10)
    layer.broken = False
    job = a_job(owner=OWNER)
    events.tell(job)
    assert [jobs[0]["id"] for _, jobs in told(layer)] == [str(job.id)]
    assert len([record for record in caplog.records if record.name == "workers.events"]) == 1


def test_a_layer_without_groups_is_left_alone(settings, caplog):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "tests.workers.layers.RecordingLayer"}}
    caplog.set_level(logging.DEBUG, "workers.events")
    events.tell(a_job(owner=OWNER))
    events.broadcaster.flush(10)
    assert [record for record in caplog.records if record.name == "workers.events"] == []


def test_pages_are_told_of_what_happened_to_no_job(layer):
    events.tell_pages_of(OWNER)
    ((group, (said,)),) = told(layer)
    assert (group, said["new"]) == (owner_group(OWNER), True)


@pytest.mark.django_db(transaction=True)
def test_a_new_job_is_told_of_once_it_is_committed_and_never_when_it_is_rolled_back(layer):
    task = tasks.note.using(owner=OWNER)
    with transaction.atomic():
        task.enqueue("rolled back")
        transaction.set_rollback(True)
    tasks.note.enqueue("nobody's")
    with transaction.atomic():
        kept = task.enqueue("committed")
        assert told(layer) == []
    assert [(job["id"], job["new"]) for _, jobs in told(layer) for job in jobs] == [(kept.id, True)]


@pytest.mark.django_db(transaction=True)
def test_many_jobs_are_told_of_in_few_messages(layer):
    ids = enqueue_many(tasks.note.using(owner=OWNER), [((number,), {}) for number in range(150)])
    heard = told(layer)
    assert sorted(job["id"] for _, jobs in heard for job in jobs) == sorted(ids)
    assert len(heard) < 10


@pytest.mark.django_db
def test_the_owner_is_kept_on_the_job_and_a_user_is_known_by_his_key(django_user_model):
    ada = django_user_model.objects.create_user("ada")
    jobs = [tasks.note.using(owner=owner).enqueue("x") for owner in (ada, ada.pk, str(ada.pk), "")]
    assert [Job.objects.get(id=job.id).owner for job in jobs] == [str(ada.pk)] * 3 + [""]
