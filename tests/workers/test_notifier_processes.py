"""The notifier across forks and at the end of a process, in processes of their own."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTING_UP = """
import os, sys, time, warnings
from uuid import uuid4
from django.conf import settings
layer, file = sys.argv[1:]
settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": f"tests.workers.layers.{layer}", "CONFIG": {"file": file}}})
from workers.notifier import notifier
"""


@pytest.fixture
def script(tmp_path):
    """``script(layer, code)``: the lines (pid, queue) that the layer got, and how long the exit took."""

    def run(layer, code):
        file = tmp_path / "sent"
        source = SETTING_UP + textwrap.dedent(code) + "\nprint(time.time(), flush=True)"
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", source, layer, str(file)]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=30)
        ended = time.time()
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stderr, done.stderr
        lines = file.read_text().splitlines() if file.exists() else []
        return [tuple(line.split()[:2]) for line in lines], ended - float(done.stdout.split()[-1])

    return run


def test_what_is_unsent_at_the_exit_is_sent_first(script):
    sent, _ = script("RecordingLayer", 'for queue in "abc": notifier.notify(queue, uuid4())')
    assert sorted(queue for _, queue in sent) == ["a", "b", "c"]


def test_a_layer_that_hangs_holds_up_the_exit_for_a_second_only(script):
    sent, exit_took = script("HangingLayer", 'notifier.notify("default", uuid4())')
    assert sent == []
    assert exit_took < 6


def test_a_forked_child_sends_for_itself(script):
    sent, _ = script(
        "RecordingLayer",
        """
        notifier.notify("parent", uuid4())
        notifier.flush(5)
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking while threads run, which is the point
        # The lock is held, as by another thread, at the very moment of the fork.
        with notifier._lock:
            child = os.fork()
        if child == 0:
            notifier.notify("child", uuid4())
            notifier.flush(5)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        notifier.notify("parent", uuid4())
        """,
    )
    assert [queue for _, queue in sent] == ["parent", "child", "parent"]
    assert len({pid for pid, _ in sent}) == 2
