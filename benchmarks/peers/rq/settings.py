from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

INSTALLED_APPS = ["django_rq"]
RQ_QUEUES = {"default": {"URL": REDIS_URL}}
