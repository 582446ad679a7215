"""One who looks at all jobs of an owner, as a live page does: ``onlooker OWNER`` says how much news came."""

import asyncio
import sys

import django


async def look_on(owner: str) -> None:
    from channels.layers import get_channel_layer

    from workers.events import owner_group

    layer = get_channel_layer()
    channel = await layer.new_channel("onlooker")
    await layer.group_add(owner_group(owner), channel)
    told = 0
    while True:
        message = await layer.receive(channel)
        told += len(message["jobs"])
        print(f"{told} news", flush=True)


if __name__ == "__main__":
    django.setup()
    asyncio.run(look_on(*sys.argv[1:]))
