"""The whole way through the runner: what the page shows after the worker was there."""

import pytest

from tests.thumbnails.samples import encoded, scene
from thumbnails import actions
from thumbnails.models import Picture
from thumbnails.tasks import make_thumbnails
from workers.models import Job
from workers.testing import assert_enqueued, drain

pytestmark = pytest.mark.django_db


def shown() -> Picture:
    return Picture.objects.with_state().get()


def test_an_upload_becomes_ready(add):
    picture = add()
    assert_enqueued(make_thumbnails, args=[str(picture.pk)], queue="thumbnailer")
    assert shown().state == "queued"
    drain(raise_errors=True)
    assert shown().state == "ready"
    assert Job.objects.get().state == "SUCCESSFUL"


def test_a_refused_picture_ends_its_job_without_another_try(add):
    add(b"no picture")
    drain(scheduled=True)
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("DISCARDED", 1)
    assert shown().state == "refused"
    assert job.failures.get().message.startswith("This is not a picture")


def test_while_the_storage_fails_the_picture_is_tried_again_and_then_told_as_failed(add, media):
    add()
    (media / "renditions").write_text("not a folder")
    drain()
    assert shown().state == "retrying"
    drain(scheduled=True)
    assert shown().state == "failed"
    assert Job.objects.get().attempts == 5
    (media / "renditions").unlink()
    actions.try_again(shown().pk)
    drain(raise_errors=True)
    assert shown().state == "ready"


def test_a_picture_deleted_while_it_waits_ends_its_job_quietly(add, files, committed):
    picture = add(encoded(scene(), "JPEG"))
    with committed():
        actions.remove(picture.pk)
    drain(raise_errors=True)
    assert Job.objects.get().state == "SUCCESSFUL"
    assert files() == []
