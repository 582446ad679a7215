"""`manage.py queues`: a table for people, a document for autoscalers."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests import tasks
from tests.workers.operating import a_worker
from workers import depths, tallies
from workers.management.commands.queues import spelled, table
from workers.models import QueuePause

pytestmark = pytest.mark.django_db


def queues(*args: str) -> str:
    out = io.StringIO()
    call_command("queues", *args, stdout=out)
    return out.getvalue()


def test_the_table_has_a_line_for_each_queue():
    tasks.echo.enqueue()
    a_worker(queues=["default", "send-invite", "thumbnailer"])
    QueuePause.objects.create(backend="default", queue="thumbnailer")
    head, *lines = queues().splitlines()
    assert head.split()[:4] == ["queue", "ready", "scheduled", "oldest"]
    assert [line.split()[0] for line in lines] == ["default", "send-invite", "thumbnailer"]
    default, _, thumbnailer = lines
    assert default.split()[1:3] == ["1", "0"]
    assert thumbnailer.startswith("thumbnailer (paused) ")
    assert {len(line.rstrip()) for line in lines} == {len(head)}, "the columns stand below each other"


def test_due_jobs_that_nobody_serves_are_told_with_the_cure():
    assert "no live worker" not in queues()
    tasks.echo.enqueue()
    assert queues().splitlines()[-1] == (
        "1 due job on `default`; no live worker serves it; start: python manage.py runworker default"
    )


def test_the_document_holds_plain_numbers(monkeypatch):
    monkeypatch.setattr(depths, "CAP", 1)
    for _ in range(2):
        tasks.echo.enqueue()
    a_worker(queues=["thumbnailer"], concurrency=3)
    tallies.write("default", "default", [("default", "successful", 6), ("default", "run 1", 2)])
    document = json.loads(queues("--json"))
    assert {name: document[name] for name in ("backend", "workers", "slots", "unserved")} == {
        "backend": "default",
        "workers": 1,
        "slots": 3,
        "unserved": {"default": 2},
    }
    default, _, thumbnailer = document["queues"]
    assert (default["queue"], default["ready"], default["ready_capped"]) == ("default", 1, True)
    assert (default["scheduled"], default["scheduled_capped"], default["paused"]) == (0, False, False)
    assert default["oldest_due"] >= 0
    assert 6 / 6 <= default["done_per_minute"] <= 6 / 5
    assert (default["run_median"], default["wait_median"]) == (0.75, None)
    assert (thumbnailer["workers"], thumbnailer["slots"], thumbnailer["oldest_due"]) == (1, 3, None)


def test_another_backend_is_shown_by_name(settings):
    settings.TASKS = settings.TASKS | {"second": {"BACKEND": "workers.backend.ChannelsBackend", "QUEUES": ["mails"]}}
    assert "mails" in queues("--backend", "second")
    with pytest.raises(CommandError, match="TASKS has no backend 'nope'; it has: default, second"):
        queues("--backend", "nope")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 ms"), (0.0124, "12 ms"), (3.44, "3.4 s"), (59, "59.0 s"), (300, "5 min"), (9000, "2.5 h")],
)
def test_times_are_short(seconds, text):
    assert spelled(seconds) == text


def test_a_table_aligns_names_to_the_left_and_numbers_to_the_right():
    assert table([["queue", "ready"], ["a", "7"], ["longer", "12345"]]) == (
        "queue   ready\na           7\nlonger  12345"
    )
