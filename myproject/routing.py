"""Plain Channels consumers. The durable queues need no entry here: ``runworker`` serves them itself."""

from channels.routing import ChannelNameRouter

channel_router = ChannelNameRouter({})
