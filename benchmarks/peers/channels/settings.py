from benchmarks.peers.settings import *  # noqa: F403
from benchmarks.peers.settings import REDIS_URL

INSTALLED_APPS = ["channels"]
ASGI_APPLICATION = "benchmarks.peers.channels.consumer.application"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # With redis-py 8 a worker on the layer's defaults dies when idle; with 7 it needs no help.
            "hosts": [REDIS_URL],
            # Its own 100 and 60 s would refuse or lose most of a queue that is filled beforehand.
            "capacity": 10_000_000,
            "expiry": 3600,
        },
    }
}
