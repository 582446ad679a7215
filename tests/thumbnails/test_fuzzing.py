"""A short campaign of the fuzzer (docs/fuzzing.md is a long one), and that it sees what it is to see."""

from typing import Any

from benchmarks.thumbnails_fuzz.campaign import Campaign, Finding
from benchmarks.thumbnails_fuzz.corpus import corpus
from benchmarks.thumbnails_fuzz.report import written
from thumbnails.decoding import apart
from thumbnails.decoding.apart import BROKE_OFF


def test_sound_pictures_are_rendered_and_broken_ones_end_with_their_reason():
    sound = corpus()
    campaign = Campaign(seed=20261122).run(sound, pictures=len(sound) + 100)
    assert campaign.failures == []
    assert sum(outcomes["ready"] for outcomes in campaign.outcomes.values()) >= len(sound)
    assert campaign.pictures == len(sound) + 100


def test_a_decoder_that_ends_is_told(pool: Any):
    campaign = Campaign(seed=1).run({"PNG odd": b"crash"}, pictures=1)
    assert [finding.what for finding in campaign.ended] == ["PNG odd"]
    assert [finding.told for finding in campaign.failures] == [BROKE_OFF]
    assert "Decoders ended over 1 pictures" in written(campaign)


def test_what_comes_out_of_it_otherwise_is_a_failure(monkeypatch):
    def fail(*given: Any) -> None:
        raise KeyError("a fault of our own")

    monkeypatch.setattr(apart, "render_apart", fail)
    campaign = Campaign(seed=1).run({"PNG odd": b"x"}, pictures=2)
    assert [type(found) for found in campaign.failures] == [Finding, Finding]
    assert "- PNG odd, whole: KeyError('a fault of our own')" in written(campaign)
