"""Do the pages of a batch answer in time? ``python -m benchmarks.own.many`` previews and sends 10,000 addresses.

On PostgreSQL, under Django's test client: what daphne adds is left out. Memory is what the process had at most during
the request above what it had before; the second round shows whether any of it stays.
"""

import json
import os
import subprocess
import sys
import tempfile

from benchmarks.own.command import arguments, scratch
from benchmarks.services import running
from benchmarks.stage import ROOT

BOUND = 2.0
"""Seconds that a request may take."""


def main() -> None:
    asked = arguments(__doc__, addresses=10_000)
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="bench-") as folder, running() as services:
        env = os.environ | {
            "DATABASE_URL": services.postgres.url,
            "REDIS_URL": services.redis.url,
            "DJANGO_SETTINGS_MODULE": "myproject.settings",
            "SECRET_KEY": "only-for-the-length-of-one-measurement-0123456789",
            "SITE_URL": "http://testserver",
            "ALLOWED_HOSTS": "testserver",
            "VAR_DIR": folder,
            "SHARED_MEDIA": "1",
            **dict.fromkeys(["INVITATIONS_PER_DAY", "INVITATIONS_PER_ORIGIN", "INVITATIONS_PER_SITE"], "1000000"),
            "INVITATIONS_PER_BATCH": "25000",
        }
        python([*("-m", "django", "migrate", "--verbosity", "0")], env)
        python([*("-m", "django", "collectstatic", "--noinput", "--verbosity", "0")], env)
        for addresses in (asked.addresses // 10, asked.addresses):
            told = python(["-m", "benchmarks.own.inviting", str(addresses)], env)
            report(addresses, json.loads(told.splitlines()[-1]))


def python(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *command], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def report(addresses: int, measured: list[dict[str, float]]) -> None:
    print(f"{addresses:,} addresses   seconds    cpu  database  statements  MB more")
    for row in measured:
        slow = "" if row["seconds"] <= BOUND else "  too slow"
        print(
            f"{row['request']:18} {row['seconds']:9.2f} {row['cpu']:6.2f} {row['database']:9.2f} "
            f"{row['statements']:11,} {row['megabytes']:8.0f}{slow}"
        )


if __name__ == "__main__":
    main()
