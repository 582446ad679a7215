"""What a runner takes that has nothing to do."""

from benchmarks.group import Group


def measure(group: Group, seconds: float) -> dict[str, float]:
    """Of all its processes together: per cent of one core, and MiB with shared pages counted once."""
    return {"idle_cpu": group.idle_cpu(seconds), "memory": group.memory(), "processes": len(group.pids())}
