"""Decoders are processes that may crash, hang or lie: the picture is refused, and nothing else is harmed."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.thumbnails.samples import encoded, scene
from tests.waiting import wait_until
from thumbnails.decoding import apart, decoder
from thumbnails.decoding.apart import BROKE_OFF, Pool, render_apart, too_slow
from thumbnails.decoding.decoder import NoDecoder
from thumbnails.limits import Limits
from thumbnails.refusals import TOO_DEMANDING, UnsupportedPicture
from thumbnails.rendering import render
from thumbnails.specs import Spec
from workers.deadlines import Deadline, throw_into
from workers.exceptions import TaskTimeout

ROOT = Path(__file__).resolve().parents[2]
SPECS = [Spec("small", 60, 60, densities=(1, 2)), Spec("large", 240, 240)]
PICTURE = encoded(scene(), "PNG")
BRIEF = Limits(max_seconds=0.3)  # type: ignore[arg-type]


def rendered(content: bytes = PICTURE, limits: Limits = Limits(), **heard):  # noqa: B008
    return render_apart(content, SPECS, (0.5, 0.5), limits, **heard)


def reason(content: bytes, limits: Limits = Limits(max_seconds=30)) -> str:  # noqa: B008
    with pytest.raises(UnsupportedPicture) as refusal:
        rendered(content, limits)
    return str(refusal.value)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if sys.platform == "linux" else True
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_it_makes_what_rendering_here_makes_and_tells_of_each(pool):
    heard: list = []
    made = rendered(on_rendered=heard.append)
    assert made == render(PICTURE, SPECS, (0.5, 0.5), Limits())
    assert heard == made.renditions
    rendered()
    assert len(set(pool.lent)) == 1, "the process is kept"


@pytest.mark.parametrize(
    "fate", [b"crash", b"fault", b"close", b"say \xff\xff\xff\xff\xff\xff\xff\xff", b"say \0\0\0\2\0\0\0\0{}"]
)
def test_a_decoder_that_breaks_off_twice_refuses_its_picture_and_harms_no_other(pool, fate: bytes):
    assert reason(fate) == BROKE_OFF
    assert len(set(pool.lent)) == 2, "tried again in a fresh one"
    assert not any(lives(pid) for pid in pool.lent)


def test_the_second_try_is_for_a_decoder_that_has_met_no_picture(pool):
    waiting = [pool.borrow(), pool.borrow()]
    for each in waiting:
        pool.give_back(each)
    assert reason(b"crash") == BROKE_OFF
    assert pool.lent[-1] not in pool.lent[:-1]


def test_while_one_picture_kills_its_decoders_its_neighbours_are_rendered(pool):
    with ThreadPoolExecutor(3) as threads:
        doomed = threads.submit(reason, b"crash")
        neighbours = [threads.submit(rendered) for _ in range(6)]
        assert doomed.result(50) == BROKE_OFF
        assert all(len(each.result(50).renditions) == 6 for each in neighbours)


def test_a_decoder_that_is_killed_once_is_no_reason_to_refuse(pool):
    killed: list[int] = []

    def kill_the_first() -> None:
        if not killed:
            killed.append(pool.lent[-1])
            os.kill(pool.lent[-1], signal.SIGKILL)

    assert len(rendered(encoded(scene(2000, 1500), "PNG"), on_wait=kill_the_first).renditions) == 6
    assert len(set(pool.lent)) == 2


@pytest.mark.parametrize("fate", [b"spin", b"sleep"])
def test_a_decoder_that_hangs_is_ended_in_time(pool, fate: bytes):
    began = time.monotonic()
    assert reason(fate, BRIEF) == too_slow(0.3)
    assert time.monotonic() - began < 50
    assert not any(lives(pid) for pid in pool.lent)


def test_what_needs_more_memory_than_there_is_is_told_so_after_a_try_in_a_fresh_decoder(pool):
    assert reason(b"allocate") == TOO_DEMANDING
    assert len(set(pool.lent)) == 2


def test_a_job_that_is_called_off_ends_its_decoder_at_once(pool):
    def called_off() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rendered(b"sleep", on_wait=called_off)
    assert len(pool.lent) == 1
    assert not lives(pool.lent[0])


def test_a_job_that_times_out_ends_its_decoder_at_once(pool):
    rendered()
    thread = threading.get_ident()
    with pytest.raises(TaskTimeout):
        Deadline(0.3, lambda: None).run(lambda: rendered(b"sleep"), interrupt=lambda: throw_into(thread))
    assert not lives(pool.lent[-1])


def test_a_large_picture_that_is_not_read_is_no_deadlock(pool):
    assert reason(b"sleep " + bytes(5_000_000), BRIEF) == too_slow(0.3)
    assert reason(b"close " + bytes(5_000_000), Limits(max_seconds=30)) == BROKE_OFF


def test_it_is_tried_elsewhere_when_no_decoder_can_be_started(monkeypatch):
    monkeypatch.setattr(apart, "pool", Pool(1))
    monkeypatch.setattr(decoder, "PROGRAM", "thumbnails.no_such_program")
    with pytest.raises(NoDecoder, match="no_such_program"):
        rendered()


def test_a_decoder_finds_no_secret_no_file_and_no_socket(pool, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    found = reason(b"look").split()
    assert set(found) - {*decoder.INHERITED} == {"EMFILE", "MALLOC_ARENA_MAX", "PYTHONPATH"} | (
        set(found) & {"LC_CTYPE"}
    )
    assert found.count("EMFILE") == 3


def test_nothing_of_django_is_loaded_to_decode():
    loads = "import sys, thumbnails.decoding.program; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], cwd=ROOT).returncode == 0


def test_what_ends_the_worker_does_not_end_its_picture(pool):
    def interrupt(_) -> None:
        os.kill(pool.lent[-1], signal.SIGTERM)
        os.kill(pool.lent[-1], signal.SIGINT)

    assert rendered(on_rendered=interrupt).renditions
    assert len(pool.lent) == 1


@pytest.mark.parametrize("fate", [b"spin", b"sleep"])
def test_a_decoder_does_not_outlive_its_worker(fate: bytes):
    worker = (
        "import thumbnails.decoding.decoder as d, json; d.PROGRAM = 'tests.thumbnails.misbehaving'\n"
        "from thumbnails.decoding.wire import packed; one = d.Decoder(); print(one.pid, flush=True)\n"
        "from dataclasses import asdict; from thumbnails.limits import Limits\n"
        "asked = {'wanted': [], 'focal': [0, 0], 'limits': asdict(Limits())}\n"
        f"for each in one.ask(packed(asked, {fate!r}), 60): pass\n"
    )
    with subprocess.Popen([sys.executable, "-c", worker], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        assert lives(pid)
        process.kill()
    wait_until(lambda: not lives(pid), "the decoder ends with its worker")


@pytest.mark.parametrize("limit", ["MOST_PICTURES", "MOST_RESIDENT"])
def test_a_decoder_that_has_done_enough_or_has_grown_is_replaced(pool, monkeypatch, limit: str):
    monkeypatch.setattr(decoder, limit, 1)
    rendered()
    rendered()
    assert len(set(pool.lent)) == 2
    assert not any(lives(pid) for pid in pool.lent)


def test_a_decoder_that_died_while_it_waited_is_replaced(pool):
    rendered()
    os.kill(pool.lent[0], signal.SIGKILL)
    # Its first thread may be dead already, and another not yet: then it cannot be waited for.
    wait_until(lambda: pool.idle[0].is_worn, "it is dead")
    rendered()
    assert len(pool.lent) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="counts the open files of a process in /proc")
def test_nothing_stays_open(pool):
    def held() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    rendered()
    before = held()
    rendered()
    reason(b"crash")
    assert held() == before - 3, "the idle decoder's two pipes and its complaints are gone with it"


@pytest.mark.skipif(sys.platform != "linux", reason="drops a capability, which is Linux's word")
def test_a_worker_that_is_limited_itself_can_still_decode():
    # Root could raise its limits again, but for this.
    worker = """
import ctypes, resource
ctypes.CDLL(None).prctl(24, 24, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_SYS_RESOURCE
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**29, 3 * 2**29))
from thumbnails.decoding.apart import render_apart
from thumbnails.limits import Limits
from thumbnails.specs import Spec
from sys import stdin
print(len(render_apart(stdin.buffer.read(), [Spec("small", 60, 60)], (0.5, 0.5), Limits()).renditions))
"""
    done = subprocess.run([sys.executable, "-c", worker], cwd=ROOT, input=PICTURE, capture_output=True)
    assert done.stdout == b"2\n", done.stderr
