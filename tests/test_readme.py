"""The README is kept true: its example prints what it says, its path is the path, its promises name real tests."""

import contextlib
import io
import re
import sys
import threading
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from invitations.inviting import invite
from tests.running_worker import running_worker
from tests.tasks import note
from tests.waiting import wait_until
from workers.models import Job

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.django_db
def test_the_ten_lines_print_what_the_readme_says(tmp_path, monkeypatch):
    declaration, session = re.findall(r"```python\n(.*?)```", README, re.S)
    output = re.search(r"```text\n(.*?)```", README, re.S)[1]
    (tmp_path / "hello.py").write_text(declaration)
    monkeypatch.syspath_prepend(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(session, {})  # noqa: S102
    assert printed.getvalue() == output


@pytest.mark.parametrize(("name", "path"), re.findall(r"\[`(test_\w+)`\]\(([\w/.]+)\)", README))
def test_each_promise_names_a_test_that_exists(name, path):
    assert f"def {name}(" in (ROOT / path).read_text()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([\w/.]+)\)", README))))
def test_each_link_leads_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.django_db(transaction=True)
def test_the_path_of_one_job_is_the_one_the_readme_tells(options):
    told = [(str(ROOT / path), name) for path, name in re.findall(r"`([\w/]+\.py):(\w+)`", README)]
    assert len(told) > 10
    called = []

    def profile(frame, event, argument):
        # A coroutine that goes on after waiting is called, too.
        call = (frame.f_code.co_filename, frame.f_code.co_name)
        if event == "call" and call in told:
            called.append(call)

    sender = get_user_model().objects.create_user("ada")
    # The threads that outlive this test start now: profiled ones stand still on CPython 3.11 while an exception is on
    # its way into some other thread, as it is at every timeout.
    with running_worker("default"):
        first = note.enqueue("warm")
        wait_until(lambda: Job.objects.get(id=first.id).is_finished, "a first job has run")
    options(POLL_INTERVAL=60)
    threading.setprofile(profile)
    with running_worker("send-invite") as worker:
        # It listens only after its first look, which needs no message.
        wait_until(lambda: worker.worker._room["send-invite"].is_set(), "it listens")
        called.clear()
        sys.setprofile(profile)
        invite(sender, "bob@example.com")
        sys.setprofile(None)
        wait_until(lambda: told[-1] in called, "the outcome is told")
    threading.setprofile(None)
    assert Job.objects.get(task="invitations.tasks.send_invite").state == "SUCCESSFUL"
    assert in_order(told, called), f"not in this order: {called}"


def in_order(steps, calls):
    calls = iter(calls)
    return all(step in calls for step in steps)
