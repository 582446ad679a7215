"""Everybody in turns, each turn in a fresh process: a machine that drifts drifts for all."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.thumbnails.rivals import ALL, RIVALS, TASK, Rival

ROOT = Path(__file__).resolve().parents[2]
Turn = dict[str, Any]


@dataclass
class Results:
    """``turns``: (rival, format) -> what each run told; ``large``: rival -> mebibytes for the large photo; ``pairs``:
    photos a second of one process and of two, for each run."""

    turns: dict[tuple[str, str], list[Turn]]
    large: dict[str, int]
    pairs: list[tuple[float, float]]

    def per_second(self, name: str, format: str = "jpeg") -> float:
        return median(rate([turn]) for turn in self.turns[name, format])

    def processor(self, name: str, format: str = "jpeg") -> float:
        """Milliseconds of processor time for a photo."""
        return median(1000 * turn["processor"] / turn["photos"] for turn in self.turns[name, format])

    def peak(self, name: str, format: str = "jpeg") -> int:
        return max(turn["peak"] for turn in self.turns[name, format])

    def faster(self, name: str, than: str, format: str = "jpeg") -> float:
        """By processor time, run by run: others on the machine lengthen the wall clock of whoever has bad luck."""
        pairs = zip(self.turns[than, format], self.turns[name, format], strict=True)
        return median(slow["processor"] / quick["processor"] for slow, quick in pairs)

    @property
    def by_two(self) -> float:
        return median(two / one for one, two in self.pairs)


def rate(turns: Sequence[Turn]) -> float:
    """Photos a second of all of them together."""
    took = max(turn["ended"] for turn in turns) - min(turn["began"] for turn in turns)
    return sum(turn["photos"] for turn in turns) / took


def contest(photos: Sequence[Path], large: Path, runs: int, tell: Callable[[str], None]) -> Results:
    results = Results({}, {}, [])
    for run in range(runs):
        for format in ALL:
            for rival in RIVALS:
                if format in rival.formats:
                    tell(f"run {run + 1}: {rival.name}, {format}")
                    few = photos if format == "jpeg" else photos[:3]
                    results.turns.setdefault((rival.name, format), []).extend(together([rival], format, few))
        tell(f"run {run + 1}: two processes")
        one = rate(together([TASK], "jpeg", photos))
        results.pairs.append((one, rate(together([TASK, TASK], "jpeg", photos))))
    for rival in RIVALS:
        tell(f"80 megapixels: {rival.name}")
        (turn,) = together([rival], "jpeg", [large])
        results.large[rival.name] = turn["peak"]
    return results


def together(rivals: Sequence[Rival], format: str, photos: Sequence[Path]) -> list[Turn]:
    """All of them at the same time, begun when the last is ready. Raises RuntimeError with what one of them said."""
    folders = [Path(tempfile.mkdtemp(prefix="bench-thumbnails-")) for _ in rivals]
    processes = [_started(rival, format, photos, folder) for rival, folder in zip(rivals, folders, strict=True)]
    try:
        for process in processes:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(process.communicate()[1])
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        return [json.loads(_told(process)) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def _told(process: Any) -> str:
    told, complaint = process.communicate()
    if process.returncode:
        raise RuntimeError(complaint)
    return told


def _started(rival: Rival, format: str, photos: Sequence[Path], folder: Path) -> Any:
    (folder / "media").mkdir()
    command = [rival.python, "-m", "benchmarks.thumbnails.turn", rival.module, format, *map(str, photos)]
    return subprocess.Popen(
        command,
        env=rival.environment(folder),
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
