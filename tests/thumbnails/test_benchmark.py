"""The benchmark of renditions asks the same of this project and of the bare loop, and reckons as it says."""

from pathlib import Path

import pytest

from benchmarks.thumbnails.contest import Results, rate
from benchmarks.thumbnails.contestants import bare, own
from benchmarks.thumbnails.work import SIDES
from tests.thumbnails.samples import encoded, exif, scene, turned


def turn(processor: float, began: float = 0, ended: float = 1, photos: int = 10) -> dict[str, float]:
    return {"processor": processor, "began": began, "ended": ended, "photos": photos, "peak": 1}


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_both_make_files_of_about_the_same_size(tmp_path: Path, format: str):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(turned(scene(1600, 1200).effect_spread(5), 6), "JPEG", exif=exif(6)))
    ours, theirs = own.make(photo, format), bare.make(photo, format)
    assert len(ours) == len(theirs) == len(SIDES)
    assert ours == pytest.approx(theirs, rel=0.1)


def test_photos_of_processes_at_the_same_time_count_together():
    assert rate([turn(1, began=0, ended=4), turn(1, began=1, ended=5)]) == 20 / 5


def test_a_ratio_is_the_median_of_the_runs():
    results = Results(
        {("quick", "jpeg"): [turn(1), turn(1), turn(2)], ("slow", "jpeg"): [turn(3), turn(5), turn(20)]},
        {},
        [(10, 15), (10, 19), (10, 18)],
    )
    assert results.faster("quick", "slow") == 5
    assert results.processor("slow") == 500
    assert results.by_two == 1.8
