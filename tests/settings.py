"""The project's settings, as the tests need them. Servers come from tests/services.py, through the environment."""

import os

os.environ.setdefault("DEBUG", "1")

from myproject.settings import *  # noqa: F403
from myproject.settings import DATABASES, VAR

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A file, because worker threads open connections of their own.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}
# Served from the apps' own folders; whitenoise wants to find a folder all the same.
STATIC_ROOT = VAR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
# A second database, to enqueue from inside its transactions.
DATABASES["other"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
# An app that has pictures of its own.
INSTALLED_APPS += ["tests.thumbnails.articles"]  # noqa: F405
