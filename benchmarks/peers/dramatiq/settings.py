import os

from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

INSTALLED_APPS = ["django_dramatiq", "benchmarks.peers.dramatiq"]
MIDDLEWARE_OF_DRAMATIQ = [
    "dramatiq.middleware.AgeLimit",
    "dramatiq.middleware.TimeLimit",
    "dramatiq.middleware.Callbacks",
    "dramatiq.middleware.Retries",
]
if os.environ["RESULTS"] == "database":
    MIDDLEWARE_OF_DRAMATIQ += [
        "django_dramatiq.middleware.DbConnectionsMiddleware",
        "django_dramatiq.middleware.AdminMiddleware",
    ]
DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.redis.RedisBroker",
    "OPTIONS": {"url": REDIS_URL},
    "MIDDLEWARE": MIDDLEWARE_OF_DRAMATIQ,
}
DRAMATIQ_TASKS_DATABASE = "default"
