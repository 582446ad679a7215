"""Where it was measured: facts for the head of the page."""

import datetime
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

OURS = ("Django", "channels", "channels_redis", "redis", "hiredis", "psycopg", "django-tasks")


def facts() -> dict[str, str]:
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{_memory():.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "this project with": ", ".join(f"{name} {version(name)}" for name in OURS),
    }


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
