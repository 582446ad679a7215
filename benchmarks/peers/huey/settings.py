from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

INSTALLED_APPS = ["huey.contrib.djhuey", "benchmarks.peers.huey"]
HUEY = {"huey_class": "huey.RedisHuey", "name": "bench", "immediate": False, "connection": {"url": REDIS_URL}}
