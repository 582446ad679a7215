"""How long the chaos lasts and how fast it goes: real options for long runs, a shorter patience for short ones."""

from dataclasses import dataclass

LONG_RUN = 10.0
CALM = 120.0
HAND_BACK = 60.0
"""Seconds that a job waits whose task the worker's release does not know, and between two reconciliations."""


@dataclass(frozen=True)
class Tempo:
    """All in seconds. ``seconds`` is the whole run, of which the last ``calm`` see no worker hurt."""

    seconds: float
    calm: float
    gap: float
    """Between two faults, on average."""
    grace: float
    heartbeat_interval: float
    heartbeat_bound: float

    @classmethod
    def of(cls, minutes: float) -> "Tempo":
        seconds = minutes * 60
        calm = min(CALM, seconds / 3)
        if minutes >= LONG_RUN:
            return cls(seconds, calm, gap=6, grace=10, heartbeat_interval=5, heartbeat_bound=30)
        return cls(seconds, calm, gap=1.8, grace=2, heartbeat_interval=0.5, heartbeat_bound=7)

    @property
    def options(self) -> dict[str, float]:
        return {"HEARTBEAT_INTERVAL": self.heartbeat_interval, "HEARTBEAT_BOUND": self.heartbeat_bound}

    @property
    def rescue_bound(self) -> float:
        """As docs/lifecycle.md promises it."""
        return self.heartbeat_bound + 3 * self.heartbeat_interval

    @property
    def patience(self) -> float:
        """How long after the last fault everything must have ended: what a job may lawfully wait, and time to run."""
        return self.rescue_bound + 2 * HAND_BACK + 60
