"""The body of every measured task, the same for every peer: one atomic append to a file in memory.

It imports nothing but the standard library, because it runs inside each peer's own virtualenv.
"""

import os
import time

_file = os.open(os.environ["MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT) if "MARKS" in os.environ else -1
LINE = "%020d %011d %010d\n"
LENGTH = len(LINE % (0, 0, 0))


def mark(job: int) -> None:
    # Monotonic time is one clock for all processes of the machine, and nobody sets it.
    os.write(_file, (LINE % (time.monotonic_ns(), job, os.getpid())).encode())
