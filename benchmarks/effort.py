"""How long to measure."""

from dataclasses import dataclass

from benchmarks.peers.peer import Peer


@dataclass(frozen=True)
class Effort:
    runs: int
    drain_seconds: float
    """About so long a drain takes, by the rate that the peer's table expects."""
    flow_seconds: float
    samples: int
    """Of the latency, in each run; half of it for a peer that polls, whose pauses are longer."""
    idle_seconds: float
    scale: float
    """Of the big numbers that this project alone is measured with."""
    statements_seconds: float

    def drain_jobs(self, peer: Peer) -> int:
        return max(200, round(peer.rate * self.drain_seconds))

    def flow_jobs(self, peer: Peer) -> int:
        return max(200, round((peer.flow_rate or peer.rate) * self.flow_seconds))

    def samples_of(self, peer: Peer) -> int:
        return self.samples if peer.pause[1] < 0.5 else max(5, self.samples // 2)


# After the warm-up, a fifth of a drain, more than three seconds are left.
FULL = Effort(runs=3, drain_seconds=4, flow_seconds=3, samples=30, idle_seconds=3, scale=1, statements_seconds=60)
QUICK = Effort(runs=1, drain_seconds=1.5, flow_seconds=1, samples=10, idle_seconds=1, scale=0.05, statements_seconds=15)
