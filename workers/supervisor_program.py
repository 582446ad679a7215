"""The program that ``runworker`` becomes: ``supervisor_program.py --processes 2 --grace 25 -- COMMAND …``.

It is run by its path, without site-packages and without the project's folder, and loads its siblings by their paths:
importing them as parts of their package would import Django.
"""

import argparse
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any


def sibling(name: str) -> Any:
    """The module of this name beside this one."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(os.path.dirname(__file__), f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_line(now: float, level: str, text: str) -> str:
    """As the project's own log lines look."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    return f"{stamp},{int(now % 1 * 1000):03d} {level} workers.supervisor: {text}"


def as_json(now: float, level: str, text: str) -> str:
    """As ``workers.json_lines`` writes them."""
    stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}+00:00"
    return json.dumps({"time": stamp, "level": level, "logger": "workers.supervisor", "message": text})


def say(form: Callable[[float, str, str], str], level: str, text: str) -> None:
    with suppress(OSError, ValueError):
        print(form(time.time(), level, text), file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    module = sibling("supervisor")
    parser = argparse.ArgumentParser(description="Keeps worker processes alive; started by manage.py runworker.")
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--grace", type=float, required=True)
    parser.add_argument("--health-socket", type=int, help="Descriptor of a socket that listens.")
    parser.add_argument("--json", action="store_true", help="Log in JSON.")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    form = as_json if options.json else as_line
    supervisor = module.Supervisor(
        options.command, options.processes, options.grace, lambda level, text: say(form, level, text)
    )
    if options.health_socket is not None:
        # Not for what it starts: a child that outlives it must not hold the port.
        listener = socket.socket(fileno=options.health_socket)
        listener.set_inheritable(False)
        sibling("health_port").HealthPort(listener, supervisor).start()
    code: int = supervisor.run()
    signal.pthread_sigmask(signal.SIG_BLOCK, module.STOPPING)  # it would find no handler in a Python that ends
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
