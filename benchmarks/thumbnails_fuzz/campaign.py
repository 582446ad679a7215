"""Sends broken pictures through a real decoder process, as the worker does, and notes what becomes of each."""

import logging
import math
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.thumbnails_fuzz.mutations import Mutant, by_chance, systematic
from thumbnails.decoding import apart
from thumbnails.decoding.decoder import resident
from thumbnails.limits import Limits
from thumbnails.refusals import UnsupportedPicture
from thumbnails.specs import Mode, Spec

SPECS = [Spec("small", 32, 32), Spec("cover", 24, 24, Mode.COVER, ("webp", "jpeg"))]
LIMITS = Limits(max_bytes=1024 * 1024, max_pixels=4_000_000, max_frames=50, max_seconds=10)
SLACK = 10.0
"""Seconds beyond its limits that a busy machine may take to end a picture."""
WHOLE = "whole"
NUMBERS = re.compile(r"\d[\d.,]*")


@dataclass
class Finding:
    """A picture that did not end as it should, or over which a decoder ended."""

    what: str
    how: str
    content: bytes
    told: str


@dataclass
class Campaign:
    seed: int
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    """By format: ``ready``, or the reason without its numbers."""
    failures: list[Finding] = field(default_factory=list)
    """Neither ready nor refused, or not in time; or a sound picture that was refused."""
    ended: list[Finding] = field(default_factory=list)
    """Over these a decoder died or was ended; the picture was refused all the same."""
    slowest: float = 0.0
    largest: int = 0
    """Bytes of memory that a decoder held after a picture."""
    seconds: float = 0.0

    @property
    def pictures(self) -> int:
        return sum(sum(outcomes.values()) for outcomes in self.outcomes.values())

    def run(self, corpus: dict[str, bytes], *, seconds: float = math.inf, pictures: float = math.inf) -> "Campaign":
        """Until either is spent."""
        began = time.monotonic()
        for what, (how, content) in mutants(corpus, self.seed):
            if time.monotonic() - began > seconds or self.pictures >= pictures:
                break
            self._try(what, how, content)
        self.seconds = time.monotonic() - began
        return self

    def _try(self, what: str, how: str, content: bytes) -> None:
        outcomes = self.outcomes.setdefault(what.partition(" ")[0], Counter())
        began = time.monotonic()
        with Ends() as ends:
            try:
                apart.render_apart(content, SPECS, (0.5, 0.5), LIMITS)
                outcomes["ready"] += 1
            except UnsupportedPicture as refusal:
                outcomes[NUMBERS.sub("…", str(refusal))] += 1
                if how == WHOLE:
                    self.failures.append(Finding(what, how, content, str(refusal)))
            except Exception as error:
                outcomes["failure"] += 1
                self.failures.append(Finding(what, how, content, repr(error)))
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        self.largest = max([self.largest, *(resident(decoder.pid) for decoder in apart.pool.idle)])
        if ends.told:
            self.ended.append(Finding(what, how, content, ends.told[-1]))
        if took > apart.TRIES * LIMITS.max_seconds + SLACK:
            self.failures.append(Finding(what, how, content, f"took {took:.0f} s"))


class Ends(logging.Handler):
    """Hears of decoders that ended over a picture."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())

    def __enter__(self) -> "Ends":
        apart.logger.addHandler(self)
        return self

    def __exit__(self, *exception: object) -> None:
        apart.logger.removeHandler(self)


def mutants(corpus: dict[str, bytes], seed: int) -> Iterator[tuple[str, Mutant]]:
    """Without end: each file whole, then broken systematically, then by chance for ever."""
    chance = random.Random(seed)
    for what, content in corpus.items():
        yield what, (WHOLE, content)
    systematically = [(what, mutant) for what, content in corpus.items() for mutant in systematic(content)]
    chance.shuffle(systematically)
    yield from systematically
    files = list(corpus.items())
    while True:
        what, content = chance.choice(files)
        yield what, by_chance(content, [other for _, other in files], chance)
