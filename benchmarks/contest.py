"""All peers, measured in turns: run one of everybody, then run two, so that a machine that drifts drifts for all."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.effort import Effort
from benchmarks.measures import drain, flow, idle, latency
from benchmarks.peers.peer import Peer
from benchmarks.stage import Stage

MEASURES = ("drain", "latency", "flow", "idle")


class Contest:
    """``results``: peer -> a list with what each run measured; ``failures``: sentences."""

    def __init__(
        self, stages: Sequence[Stage], effort: Effort, only: Sequence[str], tell: Callable[[str], None]
    ) -> None:
        self._stages, self._effort, self._only, self._tell = stages, effort, only, tell
        self.results: dict[str, list[dict[str, Any]]] = {stage.peer.name: [] for stage in stages}
        self.failures: list[str] = []

    def run(self) -> None:
        for run in range(self._effort.runs):
            for stage in self._stages:
                self._tell(f"{stage.peer.name}, run {run + 1}")
                self.results[stage.peer.name].append(self._measure(stage))

    def _measure(self, stage: Stage) -> dict[str, Any]:
        measured: dict[str, Any] = {}
        for part in (self._drained, self._served):
            try:
                part(stage, measured)
            except Exception as error:
                # A peer that fails has a hole in the table; the others go on.
                self.failures.append(f"{stage.peer.name}: {type(error).__name__}: {str(error)[-2000:]}")
        return measured

    def _drained(self, stage: Stage, measured: dict[str, Any]) -> None:
        if "drain" in self._only:
            measured |= drain.measure(stage, self._effort.drain_jobs(stage.peer))

    def _served(self, stage: Stage, measured: dict[str, Any]) -> None:
        """Everything that wants workers which are already running."""
        peer: Peer = stage.peer
        if not {"latency", "flow", "idle"} & set(self._only):
            return
        stage.reset()
        with stage.workers() as group:
            stage.warm_up(group)
            if "latency" in self._only:
                measured |= latency.measure(stage, self._effort.samples_of(peer))
            if "idle" in self._only:
                measured |= idle.measure(group, self._effort.idle_seconds)
            if "flow" in self._only:
                measured |= flow.measure(stage, self._effort.flow_jobs(peer))
