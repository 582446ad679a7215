import os

from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

CELERY_BROKER_URL = REDIS_URL
if os.environ["RESULTS"] == "database":
    INSTALLED_APPS = ["django_celery_results"]
    CELERY_RESULT_BACKEND = "django-db"
    CELERY_TASK_TRACK_STARTED = True
    CELERY_TASK_ACKS_LATE = True
    # Without it Celery closes the connection around every task, whatever CONN_MAX_AGE says.
    CELERY_DB_REUSE_MAX = 100_000_000
else:
    CELERY_TASK_IGNORE_RESULT = True
