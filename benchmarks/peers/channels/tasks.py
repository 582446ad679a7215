from channels.layers import get_channel_layer


async def enqueue(job: int) -> None:
    """On one loop that lives on: from sync code, ``async_to_sync`` opens a connection for each message."""
    await get_channel_layer().send("bench", {"type": "noop", "job": job})
