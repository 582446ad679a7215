"""The storm: which fault comes when. All of it follows from the seed, as far as the machine's own timing lets it."""

import heapq
import random
import time
from collections.abc import Callable, Iterator

from tqdm import tqdm

from benchmarks.chaos.crew import Crew
from benchmarks.chaos.faults import Faults, Later
from benchmarks.chaos.stage import Stage

TICK = 0.05
SETTLING = 5.0
LONGEST_GAP = 2.0
"""Of the average one, so that each fault has its turn also in a storm of a minute."""
SILENCE = 1.6
"""Of the bound for a rescue."""


class Storm:
    def __init__(self, stage: Stage, crew: Crew, faults: Faults, rng: random.Random) -> None:
        self._tempo = stage.tempo
        self._crew = crew
        self._rng = rng
        self._later: list[tuple[float, int, Callable[[], Later]]] = []
        self._number = 0
        self._services: dict[Callable[[], Later], int] = {
            faults.kill_redis: 1,
            faults.empty_redis: 1,
            faults.pause_redis: 1,
            faults.restart_postgres: 1,
        }
        self._everything = self._services | {
            faults.kill: 5,
            faults.terminate: 3,
            faults.stop: 4,
            faults.roll_over: 1,
        }
        self._faults = faults

    def rage(self) -> None:
        """Everything, then a calm in which only the services suffer; afterwards everything stands again."""
        tempo, began = self._tempo, time.monotonic()
        storm = tempo.seconds - tempo.calm - SETTLING
        for part in (0.2, 0.6):
            # One way and back, however the dice fall.
            self._expect((part * storm, self._faults.roll_over))
        shape = "{l_bar}{bar}| {n:.0f}/{total:.0f} s{postfix}"
        with tqdm(desc="chaos", total=tempo.seconds, bar_format=shape, disable=None) as bar:
            self._blow(self._everything, began + storm, bar)
            self._faults.roll_over_to_the_end()
            self._blow({}, began + tempo.seconds - tempo.calm, bar)
            deadline = time.monotonic() + tempo.calm
            while not self._faults.last_blow_will_hurt() and time.monotonic() < deadline:
                self._blow({}, time.monotonic() + TICK, bar)
            # And nothing else for so long: whoever is left must find what those held who were hit.
            quiet = SILENCE * tempo.rescue_bound
            self._expect(self._faults.last_blow(quiet))
            self._blow({}, time.monotonic() + quiet, bar)
            self._blow(self._services, max(began + tempo.seconds, time.monotonic() + SETTLING), bar)

    def _blow(self, faults: dict[Callable[[], Later], int], until: float, bar: "tqdm[None]") -> None:
        next_at, coming = time.monotonic() + self._gap(), self._deal(faults)
        while (now := time.monotonic()) < until:
            if faults and now >= next_at:
                self._expect(next(coming)())
                next_at = now + self._gap()
            while self._later and self._later[0][0] <= now:
                self._expect(heapq.heappop(self._later)[2]())
            self._crew.tick()
            time.sleep(TICK)
            bar.set_postfix(faults=len(self._faults.noted), refresh=False)
            bar.update(time.monotonic() - now)
        while self._later:
            self._expect(heapq.heappop(self._later)[2]())

    def _deal(self, faults: dict[Callable[[], Later], int]) -> Iterator[Callable[[], Later]]:
        """Each once, in any order, but for those that come anyhow; then as often as their weights have it."""
        once = [fault for fault in faults if fault != self._faults.roll_over]
        yield from self._rng.sample(once, len(once))
        while True:
            yield from self._rng.choices(list(faults), list(faults.values()))

    def _expect(self, later: Later) -> None:
        if later is not None:
            self._number += 1
            heapq.heappush(self._later, (time.monotonic() + later[0], self._number, later[1]))

    def _gap(self) -> float:
        return min(self._rng.expovariate(1 / self._tempo.gap), LONGEST_GAP * self._tempo.gap)
