"""WebSockets, and plain Channels consumers. The durable queues need no entry: ``runworker`` serves them itself."""

from channels.routing import ChannelNameRouter

from workers.live.routing import websocket_urlpatterns

__all__ = ["channel_router", "websocket_urlpatterns"]

channel_router = ChannelNameRouter({})
