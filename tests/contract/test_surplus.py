"""Wake-ups for which there is no work: they are drained, and few of them cost a claim."""

import asyncio
import ctypes
import re
import threading
from uuid import uuid4

import pytest
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.db import connection
from django.db.backends.signals import connection_created

from tests import tasks
from tests.running_worker import running_worker

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

# With something to record it is sent as it stands, alone it is prepared.
A_CLAIM = {"postgresql": "SKIP LOCKED|EXECUTE workers_claim", "sqlite": r'(?m)^SELECT "workers_queuepause"'}


@pytest.fixture
def claims(tmp_path, options):
    """``claims()`` counts those that ledgers sent to the database, as its driver saw them."""
    options(POLL_INTERVAL=60, HEARTBEAT_INTERVAL=60)
    path, statements = tmp_path / "trace", []
    with path.open("wb") as trace:

        def listen(connection, **kwargs):
            if threading.current_thread().name != "ledger":
                return
            if connection.vendor == "postgresql":
                connection.connection.pgconn.trace(trace.fileno())
            else:
                connection.connection.set_trace_callback(statements.append)

        def count():
            # libpq writes its trace through a buffer of the C library.
            ctypes.CDLL(None).fflush(None)
            return len(re.findall(A_CLAIM[connection.vendor], path.read_text() + "\n".join(statements)))

        connection_created.connect(listen)
        yield count
        connection_created.disconnect(listen)


def test_wake_ups_that_have_come_in_together_cost_one_claim(claims, finished):
    with running_worker() as worker:
        finished(tasks.note.enqueue("before"))
        before = claims()
        assert before > 0
        for _ in range(1000):
            worker.worker.engine.wake("default", str(uuid4()))
        finished(tasks.note.enqueue("after"))
        assert 0 < claims() - before < 1000 / 10
    assert tasks.seen == ["before", "after"]


async def send(times: int) -> None:
    layer = get_channel_layer()
    while times:
        try:
            await layer.send("default", {"type": "job.ready", "id": str(uuid4())})
            times -= 1
        except ChannelFull:
            await asyncio.sleep(0.001)


def test_wake_ups_on_the_channel_that_come_to_nothing_are_drained_unread(claims, finished):
    with running_worker() as worker:
        finished(tasks.note.enqueue("before"))
        before = claims()
        asyncio.run_coroutine_threadsafe(send(300), worker.loop).result(30)
        # Its own message lies behind all of them.
        finished(tasks.note.enqueue("after"))
        assert 0 < claims() - before < 300 / 4
    assert tasks.seen == ["before", "after"]
