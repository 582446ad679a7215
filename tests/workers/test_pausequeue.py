"""`manage.py pausequeue` and `resumequeue` say what they did, and what to do where they could not."""

import io

import pytest
from django.core.management import CommandError, call_command

from workers.models import QueuePause

pytestmark = pytest.mark.django_db


def said(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_queues_are_paused_and_go_on_again():
    assert said("pausequeue", "default", "thumbnailer", "--by", "ann").splitlines() == [
        "default is paused; start it again: manage.py resumequeue default",
        "thumbnailer is paused; start it again: manage.py resumequeue thumbnailer",
    ]
    assert set(QueuePause.objects.values_list("queue", "paused_by")) == {("default", "ann"), ("thumbnailer", "ann")}
    assert "was paused before" in said("pausequeue", "default")
    assert said("resumequeue", "default", "send-invite") == "default goes on.\nsend-invite was not paused.\n"
    assert list(QueuePause.objects.values_list("queue", flat=True)) == ["thumbnailer"]


@pytest.mark.parametrize("command", ["pausequeue", "resumequeue"])
def test_an_unknown_queue_is_told_with_those_that_there_are_and_nothing_is_changed(command):
    before = QueuePause.objects.create(backend="default", queue="thumbnailer")
    with pytest.raises(CommandError, match=r"'nowhere' is no queue of .*; its queues: default"):
        said(command, "default", "thumbnailer", "nowhere")
    assert list(QueuePause.objects.all()) == [before]
