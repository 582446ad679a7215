"""How this project's workers are started: one supervisor with two children."""

PROCESSES = 2


def run_workers(queues: str = "default", options: str = "") -> tuple[str, ...]:
    return (f"python -m django runworker {queues} --processes {PROCESSES} {options}".rstrip(),)
