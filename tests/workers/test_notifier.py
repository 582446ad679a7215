"""Wake-ups leave without anybody waiting for them, and without anybody hearing of the layer's troubles."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from tests.waiting import wait_until
from workers import notifier as module

BURST = 1000


@pytest.fixture
def layer(settings):
    """``layer("HangingLayer")`` is the channel layer from now on."""

    def use(name):
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"tests.workers.layers.{name}"}}
        return get_channel_layer()

    return use


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="workers.notifier")
    return lambda: [
        (record.levelname, record.getMessage()) for record in caplog.records if record.name == "workers.notifier"
    ]


def notify_often(notifier, queue="default", times=BURST):
    """The seconds that all of it took."""
    began = time.perf_counter()
    for _ in range(times):
        notifier.notify(queue, uuid4())
    return time.perf_counter() - began


def test_a_wake_up_is_sent(notifier, layer):
    taken = layer("RecordingLayer")
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert taken.sent == ["default"]


def test_a_thousand_wake_ups_during_one_send_become_one_more(notifier, layer):
    taken = layer("GatedLayer")
    notifier.notify("default", uuid4())
    wait_until(lambda: taken.attempts, "the first is being sent")
    notify_often(notifier)
    taken.gate.set()
    notifier.flush(5)
    assert taken.sent == ["default", "default"]


def test_of_a_stream_of_wake_ups_few_are_sent(notifier, layer):
    taken = layer("RecordingLayer")
    began = time.monotonic()
    while time.monotonic() < began + 50 * module.PAUSE or len(taken.sent) < 2:
        notifier.notify("default", uuid4())
    notifier.flush(5)
    # Two at once, then one for each pause.
    assert 2 <= len(taken.sent) <= 2 + (time.monotonic() - began) / module.PAUSE


def test_each_queue_keeps_its_own_wake_up_and_one_is_sent_at_a_time(notifier, layer):
    taken = layer("GatedLayer")
    notifier.notify("default", uuid4())
    wait_until(lambda: taken.attempts, "the first is being sent")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda queue: notify_often(notifier, queue, 100), ["a", "b", "c", "default"] * 4))
    taken.gate.set()
    notifier.flush(5)
    assert sorted(taken.sent) == ["a", "b", "c", "default", "default"]
    assert taken.most_at_once == 1


@pytest.mark.parametrize("name", ["HangingLayer", "BlockingLayer", "BrokenLayer", "FullLayer"])
def test_whoever_enqueues_waits_for_no_layer_and_hears_of_no_error(notifier, layer, name):
    taken = layer(name)
    # Generous for a busy machine; one wait for such a layer would take seconds.
    assert notify_often(notifier) < 4
    wait_until(lambda: taken.attempts, "it was tried")
    if name == "BlockingLayer":
        taken.gate.set()


def test_a_layer_that_hangs_is_given_up_and_the_next_wake_up_is_tried(notifier, layer, lines, monkeypatch):
    monkeypatch.setattr(module, "SEND_TIMEOUT", 0.02)
    taken = layer("HangingLayer")
    notifier.notify("a", uuid4())
    notifier.notify("b", uuid4())
    notifier.flush(5)
    assert taken.attempts == 2
    assert taken.at_once == 0
    [(level, text)] = lines()
    assert level == "WARNING"
    assert text.startswith("The channel layer took no wake-up for a (TimeoutError")


def test_a_full_channel_is_as_good_as_a_wake_up(notifier, layer, lines):
    layer("FullLayer")
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert lines() == []


def test_an_outage_is_told_once_and_its_end_once(notifier, layer, lines):
    broken = layer("BrokenLayer")
    for broken.broken in (True, True, True, False, False, True):
        notifier.notify("default", uuid4())
        notifier.flush(5)
    assert broken.attempts == 6
    assert [level for level, _ in lines()] == ["WARNING", "INFO", "WARNING"]
    assert "connection refused" in lines()[0][1]
    assert "next poll" in lines()[0][1]
    assert lines()[1][1] == "The channel layer takes wake-ups again."


def test_a_layer_that_cannot_be_loaded_is_told_and_a_mended_one_is_used(notifier, layer, lines):
    with pytest.raises(Exception, match="NoSuchLayer"):
        layer("NoSuchLayer")
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert "NoSuchLayer" in lines()[0][1]
    taken = layer("RecordingLayer")
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert taken.sent == ["default"]


def test_without_a_layer_nothing_is_sent(notifier, settings, lines):
    settings.CHANNEL_LAYERS = {}
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert lines() == []


def test_a_thread_that_cannot_be_started_costs_one_wake_up_only(notifier, layer, lines, monkeypatch):
    """As late in the exit of the interpreter."""
    taken = layer("RecordingLayer")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        notifier.notify("default", uuid4())
    assert lines() == [("WARNING", "No wake-up for default; the poll will find the job.")]
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert taken.sent == ["default"]


def refuse(self):
    raise RuntimeError("can't create new thread at interpreter shutdown")


def test_flushing_gives_up_in_time(notifier, layer):
    layer("HangingLayer")
    notifier.flush()
    notifier.notify("default", uuid4())
    began = time.monotonic()
    notifier.flush(0.05)
    assert 0.05 <= time.monotonic() - began < 2


def test_it_sends_on_the_loop_it_was_lent_and_then_on_its_own_again(notifier, layer):
    taken = layer("RecordingLayer")
    notifier.notify("own", uuid4())
    notifier.flush(5)
    own = notifier._loop

    async def serve():
        notifier.use_loop(asyncio.get_running_loop())
        notifier.notify("lent", uuid4())
        while taken.sent != ["own", "lent"]:
            await asyncio.sleep(0)
        notifier.use_loop(None)

    asyncio.run(asyncio.wait_for(serve(), 5))
    notifier.notify("own", uuid4())
    notifier.flush(5)
    assert taken.sent == ["own", "lent", "own"]
    assert notifier._loop is own, "no second thread was started"


def test_a_lent_loop_that_ended_in_the_middle_of_a_send_stops_nothing(notifier, layer):
    hanging = layer("HangingLayer")

    async def serve():
        notifier.use_loop(asyncio.get_running_loop())
        notifier.notify("default", uuid4())
        while not hanging.attempts:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(serve(), 5))
    taken = layer("RecordingLayer")
    notifier.notify("default", uuid4())
    notifier.flush(5)
    assert taken.sent == ["default"]
