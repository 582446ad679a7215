"""What can be done to whom. Each fault is noted, with the processes that felt it, for the judge."""

import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from benchmarks.chaos import marks
from benchmarks.chaos.crew import Crew, Post, send
from benchmarks.chaos.kinds import BURST_SIZE
from benchmarks.chaos.records import OUTAGE, Fault
from benchmarks.chaos.stage import RELEASES, Stage

BURSTS = 0.8
RUSH = (0.01, 0.2)
"""Seconds after the arrival of a burst in which every worker has a commit under way."""
RUSH_PATIENCE = 1.0
FAREWELL = 15.0
"""Seconds, beside the grace, that a signalled family may take to end; so long its jobs may run twice."""
KILLED, FROZEN = "pair", "crooked"
"""The posts that the last blow hits."""
BREATHER = 0.5
"""Seconds between two outages of the same server."""
OPEN = float("inf")

Later = tuple[float, Callable[[], Any]] | None
"""In so many seconds call this, which may give another Later; None: there is nothing more to it."""


class Faults:
    """Does faults and notes them. Each method returns what is to be called later, to end the fault or to go on."""

    def __init__(self, stage: Stage, crew: Crew, rng: random.Random) -> None:
        self._stage = stage
        self._crew = crew
        self._rng = rng
        self._open: dict[int, Fault] = {}
        self._done: list[Fault] = []
        self._down: set[str] = set()
        self._waiting: dict[str, list[Callable[[], Later]]] = defaultdict(list)
        self._release = RELEASES[0]

    @property
    def noted(self) -> list[Fault]:
        return sorted([*self._done, *self._open.values()], key=lambda fault: fault.began)

    def kill(self) -> Later:
        """SIGKILL, to a child, a parent or all at once: a crash, or the kernel out of memory."""
        return self._signal("killed", signal.SIGKILL)

    def terminate(self) -> Later:
        """SIGTERM, once or twice."""
        return self._signal("terminated", signal.SIGTERM, times=self._rng.choice([1, 2]))

    def stop(self) -> Later:
        """SIGSTOP and later SIGCONT: a swapping machine, a suspended one. Shorter or longer than a silence may be."""
        bound = self._stage.tempo.rescue_bound
        seconds = self._rng.choice([self._rng.uniform(0.1, bound / 3), self._rng.uniform(1.1, 1.6) * bound])
        found = self._victims()
        # Who stands still already would be let go by whichever comes first.
        still = frozenset().union(*(fault.hit for fault in self._open.values()))
        return self._freeze(*found, seconds) if found and still.isdisjoint(found[1]) else None

    def kill_redis(self) -> Later:
        """Gone for a while, and empty afterwards."""
        return self._outage("Redis killed", "redis", 10, self._stage.redis.kill, self._stage.redis.start)

    def empty_redis(self) -> Later:
        """Restarted at once, with nothing in it."""
        return self._outage("Redis restarted empty", "redis", 0, self._stage.redis.kill, self._stage.redis.start)

    def pause_redis(self) -> Later:
        """It keeps the connections and answers nothing."""
        pause, resume = (partial(self._signal_redis, number) for number in (signal.SIGSTOP, signal.SIGCONT))
        return self._outage("Redis paused", "redis", 8, pause, resume)

    def restart_postgres(self) -> Later:
        """An immediate restart: no farewell, recovery at the start, what was not synced is forgotten. It comes in the
        middle of a burst of jobs, when every worker has a commit under way."""
        for post in self._crew.producers:
            if self._rng.random() < BURSTS:
                self._crew.ask_for_burst(post)
        longest, server = self._rng.choice([0, 0, 5]), self._stage.postgres
        self._stage.witness.await_rush(BURST_SIZE // 2, RUSH_PATIENCE)
        time.sleep(self._rng.uniform(*RUSH))
        return self._outage(OUTAGE, "postgres", longest, server.kill, server.start)

    def roll_over(self) -> Later:
        """A rolling restart to the other release: each post in turn is asked to leave and comes back with it."""
        if "release" in self._down:
            return None
        self._down.add("release")
        self._release = RELEASES[1 - RELEASES.index(self._release)]
        waiting = self._rng.sample(self._crew.posts, len(self._crew.posts))
        gap = self._stage.tempo.gap

        def next_post() -> Later:
            post = waiting.pop()
            post.release = self._release
            self._ask_to_leave(post)
            if waiting:
                return gap, next_post
            self._down.discard("release")
            return None

        return 0.0, next_post

    def roll_over_to_the_end(self) -> None:
        """Whoever is not at the second release goes there at once: jobs of its tasks must end."""
        self._release = RELEASES[1]
        for post in self._crew.posts:
            if post.release != self._release:
                post.release = self._release
                self._ask_to_leave(post)

    def last_blow_will_hurt(self) -> bool:
        """Whether everybody whom it would hit holds jobs that could be lost, or be recorded by a ghost."""
        holders = self._stage.witness.holders()
        return all(not holders.isdisjoint(self._crew.post(name).family) for name in (KILLED, FROZEN))

    def last_blow(self, seconds: float) -> Later:
        """Nobody is left of one post who could say what it held; another stands still for so long, and then goes on as
        if nothing had been."""
        killed, frozen = self._crew.post(KILLED), self._crew.post(FROZEN)
        family = frozenset(killed.family)
        began = time.monotonic()
        for pid in family:
            send(pid, signal.SIGKILL)
        self._note(Fault("killed", began, time.monotonic(), family, family, killed.name, "the last blow"))
        family = frozenset(frozen.family)
        return self._freeze(frozen, family, family, seconds)

    def _freeze(self, post: Post, hit: frozenset[int], touched: frozenset[int], seconds: float) -> Later:
        number = self._begin(Fault("stopped", time.monotonic(), OPEN, hit, touched, post.name, f"{seconds:.1f} s"))
        for pid in hit:
            send(pid, signal.SIGSTOP)

        def go_on() -> None:
            for pid in hit:
                send(pid, signal.SIGCONT)
            self._end(number)

        return seconds, go_on

    def _victims(self) -> tuple[Post, frozenset[int], frozenset[int]] | None:
        """A post, whom to hit, and who will feel it: one that is at work, rather than one that is only starting."""
        families = [(post, family) for post in self._crew.workers if (family := post.family)]
        if not families:
            return None
        registered = self._stage.witness.registered()
        at_work = [each for each in families if not registered.isdisjoint(each[1])]
        post, family = self._rng.choice(at_work or families)
        parent, children = family[0], family[1:]
        match self._rng.choice(["child", "child", "parent", "all"]) if children else "all":
            case "child":
                child = frozenset({self._rng.choice(children)})
                return post, child, child
            case "parent":
                return post, frozenset({parent}), frozenset(family)
            case _:
                return post, frozenset(family), frozenset(family)

    def _signal(self, kind: str, number: signal.Signals, times: int = 1) -> Later:
        if (found := self._victims()) is None:
            return None
        post, hit, touched = found
        post.deaf |= number == signal.SIGTERM and len(touched) == 1
        began = time.monotonic()
        for _ in range(times):
            for pid in hit:
                send(pid, number)
        at_once = number == signal.SIGKILL and hit == touched
        ended = time.monotonic() + (0 if at_once else self._stage.tempo.grace + FAREWELL)
        grace = 0.0 if number == signal.SIGKILL else self._stage.tempo.grace
        self._note(Fault(kind, began, ended, hit, touched, post.name, f"{len(hit)} of {len(touched)}", grace))
        return None

    def _outage(
        self, kind: str, server: str, longest: float, down: Callable[[], object], up: Callable[[], object]
    ) -> Later:
        if server in self._down:
            # When it stands again, it is this one's turn.
            self._waiting[server].append(partial(self._outage, kind, server, longest, down, up))
            return None
        self._down.add(server)
        seconds = self._rng.uniform(0, longest)
        number = self._begin(Fault(kind, time.monotonic(), OPEN, note=f"{seconds:.1f} s"))
        down()

        def over() -> Later:
            up()
            self._down.discard(server)
            self._end(number)
            waiting = self._waiting[server]
            return (BREATHER, waiting.pop(0)) if waiting else None

        return seconds, over

    def _signal_redis(self, number: signal.Signals) -> None:
        if (process := self._stage.redis.process) is not None:
            process.send_signal(number)

    def _ask_to_leave(self, post: Post) -> None:
        began, family, grace = time.monotonic(), frozenset(post.family), self._stage.tempo.grace
        self._crew.ask_to_leave(post)
        ended, note = time.monotonic() + grace + FAREWELL, f"to the {self._release} release"
        self._note(Fault("rolled over", began, ended, family, family, post.name, note, grace))

    def _note(self, fault: Fault) -> None:
        self._done.append(fault)
        self._write(fault)

    def _begin(self, fault: Fault) -> int:
        number = len(self._done) + len(self._open) + 1
        self._open[number] = fault
        self._write(fault)
        return number

    def _end(self, number: int) -> None:
        self._done.append(replace(self._open.pop(number), ended=time.monotonic()))

    def _write(self, fault: Fault) -> None:
        """For people: the judge has them from memory."""
        told = asdict(fault) | {"hit": sorted(fault.hit), "touched": sorted(fault.touched)}
        marks.faults(self._stage.folder).add(**{name: value for name, value in told.items() if value != OPEN})
