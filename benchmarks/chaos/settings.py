"""The settings of the processes in the chaos: the project's own, with the chaos jobs and a patience for the test."""

import json
import os

from myproject.settings import *  # noqa: F403
from myproject.settings import INSTALLED_APPS, TASKS

INSTALLED_APPS += ["benchmarks.chaos.jobs", "catalogue"]
TASKS["default"]["QUEUES"] += ["slow"]
TASKS["default"]["OPTIONS"] |= json.loads(os.environ["WORKERS_OPTIONS"])
