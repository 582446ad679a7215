"""What the settings of every Django peer begin with. Connections stay open, as all of them run best."""

import os

import environ

SECRET_KEY = "only-for-benchmarks"  # noqa: S105
INSTALLED_APPS: list[str] = []
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 600}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ["REDIS_URL"]
USE_TZ = True
