"""Queues in the admin: every one of the settings, paused and resumed by who may."""

import re

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.test import Client

from tests.workers.operating import JOBS, QUEUES, enqueue, job_page, staff, told
from workers import steering
from workers.admin import queues
from workers.models import QueuePause

pytestmark = pytest.mark.django_db


def press(client, verb, queue="default", backend="default"):
    return client.post(QUEUES, {"verb": verb, "queue": queue, "backend": backend})


def answer(client, verb):
    """The latest message: none is read here before the next one comes."""
    return told(press(client, verb))[-1]


def row_of(client, queue):
    text = re.sub(r"\s+", " ", client.get(QUEUES).text)
    return re.search(rf'<tr> <th scope="row">{queue}</th>.*?</tr>', text).group()


def test_every_queue_is_listed_with_its_state_and_due_jobs(admin_client):
    enqueue()
    steering.pause("thumbnailer", by="ann <b>")
    assert "open" in row_of(admin_client, "default")
    assert "<td>1</td>" in row_of(admin_client, "default")
    assert "open" in row_of(admin_client, "send-invite")
    assert "paused</span> since" in row_of(admin_client, "thumbnailer")
    assert "by ann &lt;b&gt;" in row_of(admin_client, "thumbnailer")


def test_due_jobs_are_counted_no_further_than_the_cap(admin_client, monkeypatch):
    monkeypatch.setattr(queues, "CAP", 2)
    for _ in range(3):
        enqueue()
    assert "2 or more" in row_of(admin_client, "default")


def test_a_queue_is_paused_and_resumed_and_the_log_says_by_whom(admin_client, admin_user):
    assert answer(admin_client, "pause") == "`default` is paused. What runs is finished; what is due waits."
    pause = QueuePause.objects.get()
    assert (pause.queue, pause.paused_by) == ("default", admin_user.get_username())
    assert 'value="resume"' in row_of(admin_client, "default")
    assert answer(admin_client, "pause") == "`default` was paused before."
    assert answer(admin_client, "resume") == "`default` goes on."
    assert answer(admin_client, "resume") == "`default` was not paused."
    assert not QueuePause.objects.exists()
    entries = LogEntry.objects.order_by("id").values_list("user", "object_repr", "action_flag", "change_message")
    assert list(entries) == [
        (admin_user.pk, "default", ADDITION, "Paused."),
        (admin_user.pk, "default", DELETION, "Resumed."),
    ]


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.parametrize(
    ("queue", "backend", "said"),
    [
        ("x", "default", "its queues: default"),
        ("default", "", "TASKS has no backend"),
        ("\x00", "default", "no queue"),
        ("default", "\x00", "TASKS has no backend"),
    ],
)
def test_what_is_no_queue_is_told_and_nothing_is_changed(admin_client, verb, queue, backend, said):
    [message] = told(press(admin_client, verb, queue, backend))
    assert said in message
    assert not QueuePause.objects.exists()


def test_a_paused_queue_that_left_the_settings_can_be_resumed(admin_client):
    QueuePause.objects.create(backend="gone", queue="old")
    assert 'value="resume"' in row_of(admin_client, "old")
    assert told(press(admin_client, "resume", "old", "gone")) == ["`old` goes on."]


def test_who_may_only_look_has_no_button_and_cannot_press_it():
    client = staff("view_job")
    assert "<button" not in row_of(client, "default")
    assert press(client, "pause").status_code == 403
    assert not QueuePause.objects.exists()


@pytest.mark.parametrize("permissions", [[], ["change_job"], ["view_queuepause", "change_queuepause"]])
def test_who_may_not_see_jobs_sees_no_queues_and_pauses_none(permissions):
    client = staff(*permissions)
    assert client.get(QUEUES).status_code == 403
    assert press(client, "pause").status_code == 403


def test_pausing_takes_a_post_with_the_csrf_token(admin_client, admin_user):
    admin_client.get(QUEUES, {"verb": "pause", "queue": "default", "backend": "default"})
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert press(client, "pause").status_code == 403
    assert not QueuePause.objects.exists()


def test_no_pause_is_added_changed_or_deleted_by_a_form(admin_client):
    pause = steering.pause("default", by="ann")
    for page, status in (("add/", 403), (f"{pause.pk}/delete/", 403), (f"{pause.pk}/change/", 403)):
        assert admin_client.post(QUEUES + page, {"queue": "x", "post": "yes"}).status_code == status
    assert admin_client.get(f"{QUEUES}{pause.pk}/change/").status_code == 200
    assert list(QueuePause.objects.all()) == [pause]


def test_the_jobs_pages_say_that_a_queue_is_paused(admin_client):
    job_id = enqueue()
    steering.pause("default", by="ann")
    assert any("`default` is paused" in message for message in told(admin_client.get(JOBS)))
    assert "its queue is paused by ann" in admin_client.get(job_page(job_id)).text
