import os

from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend, RedisStreamBroker

from benchmarks.mark import mark

URL = os.environ["REDIS_URL"]
if os.environ["BROKER"] == "stream":
    broker = RedisStreamBroker(URL).with_result_backend(RedisAsyncResultBackend(URL))
else:
    broker = ListQueueBroker(URL)


@broker.task
async def noop(job: int) -> None:
    mark(job)


async def start() -> None:
    await broker.startup()


async def enqueue(job: int) -> None:
    await noop.kiq(job)
