"""``python -m benchmarks.thumbnails.turn CONTESTANT FORMAT PHOTO…``: one turn of one contestant.

Makes the first photo untimed, says ``ready``, waits for a line on stdin, makes the others, and tells what it took, as
JSON.
"""

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.thumbnails.work import SIDES


def main(name: str, format: str, *paths: str) -> None:
    contestant = import_module(f"benchmarks.thumbnails.contestants.{name}")
    contestant.prepare()
    first, *photos = map(Path, paths)
    _check(contestant.make(first, format))
    print("ready", flush=True)
    sys.stdin.readline()
    used, began = _processor(), time.monotonic()
    for photo in photos:
        _check(contestant.make(photo, format))
    ended = time.monotonic()
    told = {"began": began, "ended": ended, "photos": len(photos), "processor": _processor() - used, "peak": _peak()}
    print(json.dumps(told), flush=True)


def _check(made: list[int]) -> None:
    """Five files, no two of one size, none of them empty."""
    assert len(set(made)) == len(SIDES), made
    assert min(made) > 500, made


def _processor() -> float:
    """Seconds of this process and of those it started, whether they still run or have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ended = sum(each.ru_utime + each.ru_stime for each in used)
    return ended + sum(map(_ticks, _children())) / os.sysconf("SC_CLK_TCK")


def _children() -> list[str]:
    return [pid for tasks in Path("/proc/self/task").glob("*/children") for pid in tasks.read_text().split()]


def _ticks(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _peak() -> int:
    """Mebibytes this process and its children have held at most; ru_maxrss would tell of the one that started it."""
    return sum(map(_held, ("self", *_children()))) // 1024


def _held(pid: str) -> int:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


main(*sys.argv[1:])
