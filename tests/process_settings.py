"""The settings of the processes that tests start: the project's own, with a shorter patience."""

import json
import os

from myproject.settings import *  # noqa: F403
from myproject.settings import TASKS, VAR

TASKS["default"]["OPTIONS"] |= json.loads(os.environ.get("WORKERS_OPTIONS") or "{}")
STATIC_ROOT = VAR / "staticfiles"
# The accounts come from the tests, which hash quickly.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
