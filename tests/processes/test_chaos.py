"""A minute of ``make chaos``: everything goes wrong at once, and what was promised is kept."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes.harness import ROOT

pytestmark = pytest.mark.processes

MINUTE = 60
LONGEST = 10 * MINUTE


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: PostgreSQL may run as somebody else, who must be able to read there."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-test-"))
    folder.chmod(0o755)
    yield folder
    with suppress(OSError):
        folder.rmdir()  # what a failed run left is its evidence


@pytest.mark.timeout(LONGEST + MINUTE)
def test_a_minute_of_chaos_loses_nothing_and_finishes_nothing_twice_and_leaves_nothing_behind(on_postgres, folder):
    command = [sys.executable, "-m", "benchmarks.chaos", "--minutes", "1"]
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            told, _ = run.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            run.terminate()  # and so give it time to end what it started
            told, _ = run.communicate()
    assert run.returncode == 0, told
    assert "Nothing lost, nothing stuck, nothing finished twice." in told
    assert list(folder.iterdir()) == []
    everybody = subprocess.run(["ps", "axeww", "-o", "command"], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in everybody
