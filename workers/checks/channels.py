"""How the runner sits among Channels' own parts."""

from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

TAKEN_OVER = {"channels": "runworker", "daphne": "runserver"}


@register
def check_order_of_apps(**kwargs: Any) -> list[CheckMessage]:
    names = [app.name for app in apps.get_app_configs()]
    before = names[: names.index("workers")]
    return [
        Error(
            f"'workers' stands after {name!r} in INSTALLED_APPS, so `manage.py {command}` is not the workers' own.",
            hint=f"Move 'workers' before {name!r}.",
            id="workers.E005",
        )
        for name, command in TAKEN_OVER.items()
        if name in before
    ]


@register
def check_layer_can_wake(**kwargs: Any) -> list[CheckMessage]:
    layer = getattr(settings, "CHANNEL_LAYERS", {}).get(DEFAULT_CHANNEL_LAYER, {})
    why = deafness(str(layer.get("BACKEND", "")), layer.get("CONFIG", {}))
    if why is None:
        return []
    return [
        Warning(
            f"CHANNEL_LAYERS[{DEFAULT_CHANNEL_LAYER!r}] cannot be relied on to wake workers: {why}. "
            "Jobs wait for the workers' next poll.",
            hint="Use channels_redis.core.RedisChannelLayer with one host.",
            id="workers.W007",
        )
    ]


def deafness(backend: str, config: Any) -> str | None:
    """Why workers may miss what is sent through this layer; None when they hear it."""
    if backend.endswith(".RedisPubSubChannelLayer"):
        return "it keeps no messages, and gives each to everybody or to nobody"
    hosts = config.get("hosts", ()) if isinstance(config, dict) else ()
    if backend.endswith("RedisChannelLayer") and isinstance(hosts, (list, tuple)) and len(hosts) > 1:
        return f"with {len(hosts)} hosts a worker listens to one while messages lie on another"
    return None
