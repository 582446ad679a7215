"""As myproject/settings.py has the database, the layer, the tasks and the logging, without the apps."""

import os

import django

from myproject import environment

ENV = os.environ

SECRET_KEY = "only-for-benchmarks"  # noqa: S105
INSTALLED_APPS = ["workers", "channels", *(["django_tasks"] if django.VERSION < (6, 0) else []), "benchmarks.own"]
DATABASES = environment.databases(ENV, environment.var_dir(ENV, environment.Path("var")))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = environment.channel_layers(ENV)
if ENV.get("BENCH_LAYER") != "quick":
    CHANNEL_LAYERS["default"]["BACKEND"] = "channels_redis.core.RedisChannelLayer"
ASGI_APPLICATION = "benchmarks.peers.workers.routing.application"
TASKS = {
    "default": {
        "BACKEND": "workers.backend.ChannelsBackend",
        "QUEUES": ["default", "second", "third", "fourth", "fifth"],
        "OPTIONS": {},
    },
}
USE_TZ = True
LOGGING = environment.logging(ENV)
