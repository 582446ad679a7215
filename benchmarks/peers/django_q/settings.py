import os

from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

INSTALLED_APPS = ["django_q"]
BROKER = {"redis": {"redis": REDIS_URL}, "orm": {"orm": "default", "poll": 0.2}}[os.environ["BROKER"]]
# save_limit 0 keeps every result; the default keeps 250 and deletes one row for each that it adds.
Q_CLUSTER = {"name": "bench", "workers": 2, "timeout": 60, "retry": 120, "save_limit": 0, **BROKER}
