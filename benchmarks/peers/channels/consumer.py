from channels.consumer import SyncConsumer
from channels.routing import ChannelNameRouter, ProtocolTypeRouter

from benchmarks.mark import mark


class Bench(SyncConsumer):
    def noop(self, message: dict) -> None:
        mark(message["job"])


application = ProtocolTypeRouter({"channel": ChannelNameRouter({"bench": Bench.as_asgi()})})
