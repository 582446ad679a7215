"""What a worker has begun is known to whoever takes over from it."""

import stat
import tempfile
from uuid import uuid4

import pytest

from workers.begun import Begun, begun_by


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_began_and_did_not_end_is_read_back_once(folder):
    ended, runs = uuid4(), uuid4()
    begun = Begun(3)
    begun.open("host-1-ab")
    begun.begin(0, ended)
    begun.begin(2, runs)
    begun.end(0)
    assert begun_by("host-1-ab") == {runs}
    assert begun_by("host-1-ab") is None
    assert list(folder.iterdir()) == []


def test_nobody_else_can_read_it(folder):
    Begun(1).open("host-1-ab")
    [path] = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_worker_that_ends_by_itself_leaves_nothing(folder):
    begun = Begun(1)
    begun.open("host-1-ab")
    begun.close()
    assert list(folder.iterdir()) == []


def test_where_no_file_can_be_the_worker_works_all_the_same(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    begun = Begun(1)
    begun.open("host-1-ab")
    begun.begin(0, uuid4())
    begun.end(0)
    begun.close()
    assert begun_by("host-1-ab") is None
