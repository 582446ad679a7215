"""What the supervisor decides, without any process."""

import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myproject import environment
from workers import health_port, supervisor_program
from workers.json_lines import JsonLines
from workers.supervisor import LONGEST_PAUSE, SHORTEST_PAUSE, end_of, pause

jitter = st.floats(0, 1)
NOW = 1_700_000_000.0078125


@given(st.integers(1, 10_000), jitter)
def test_a_pause_after_a_short_life_is_bounded(deaths, jitter):
    assert SHORTEST_PAUSE / 2 <= pause(deaths, jitter) <= LONGEST_PAUSE


@given(st.integers(1, 10_000), jitter)
def test_pauses_double_until_the_longest(deaths, jitter):
    assert pause(deaths + 1, jitter) == min(2 * pause(deaths, jitter), LONGEST_PAUSE * (1 - jitter / 2))


@given(jitter)
def test_what_lived_long_enough_is_replaced_at_once(jitter):
    assert pause(0, jitter) == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (-9, "was ended by SIGKILL"), (-11, "was ended by SIGSEGV"), (-99, "by signal 99")],
)
def test_the_end_of_a_process_is_told_in_words(code, words):
    assert words in end_of(code)


def test_it_runs_without_anything_that_is_installed():
    """With -S there are no site-packages, and with -P no folder of the project, from which it could import."""
    program = [sys.executable, "-S", "-P", "-X", "importtime", supervisor_program.__file__, "--help"]
    run = subprocess.run(program, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "selectors" in imported
    assert not {name for name in imported if name.split(".")[0] in {"django", "workers", "channels", "asyncio"}}


def test_so_does_its_health_port():
    program = [sys.executable, "-S", "-P", "-X", "importtime", health_port.__file__]
    run = subprocess.run(program, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "socketserver" in imported
    assert not {name for name in imported if name.split(".")[0] in {"django", "workers", "channels", "asyncio"}}


@pytest.mark.parametrize("form", [supervisor_program.as_line, supervisor_program.as_json])
def test_its_lines_look_like_those_of_the_workers(form):
    record = logging.LogRecord("workers.supervisor", logging.INFO, "", 0, "it says", (), None)
    record.created, record.msecs = NOW, 7.0
    told = environment.logging({})["formatters"]["line"]
    theirs = JsonLines() if form is supervisor_program.as_json else logging.Formatter(told["format"], style="{")
    assert form(NOW, "INFO", "it says") == theirs.format(record)


LATE = """
import os, signal, sys, threading, time
from workers import supervisor_program

class AtTheVeryEnd:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def ask():
    while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=ask).start()
sys.modules["late"] = AtTheVeryEnd()
sys.exit(supervisor_program.main(["--processes", "0", "--grace", "1", "true"]))
"""


def test_a_sigterm_repeated_while_python_ends_leaves_the_exit_code_at_0():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
