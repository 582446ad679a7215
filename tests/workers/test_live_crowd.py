"""How many live pages one user may keep open in one process."""

import asyncio
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client

from tests.live_page import PATIENCE, live_page, on_one_loop, socket_of, sync
from tests.live_source import Shown
from workers.live import sources
from workers.live.consumer import TOO_MANY, crowd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shown():
    Shown().register()
    yield
    del sources._registered["shown"]


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name))
    return client


@on_one_loop
async def test_of_too_many_sockets_of_one_user_the_oldest_goes(settings):
    settings.WORKERS_LIVE_SOCKETS = 2
    ada, eve = await sync(signed_in, "ada"), await sync(signed_in, "eve")
    async with live_page(ada, "source=shown") as oldest, live_page(eve, "source=shown") as of_another:
        async with live_page(ada, "source=shown") as second, live_page(ada, "source=shown") as third:
            assert "this one stopped following" in await oldest.pushed_with("live-said")
            assert await oldest.closed() == TOO_MANY
            for page in (second, third, of_another):
                assert "Done" in await page.send("greet")
        # What was closed is counted no more: nobody has to go.
        async with live_page(ada, "source=shown") as fourth, live_page(ada, "source=shown") as fifth:
            for page in (fourth, fifth):
                assert "Done" in await page.send("greet")
    assert len(crowd) == 0


@on_one_loop
async def test_a_socket_whose_application_is_killed_is_counted_no_more():
    socket = socket_of(await sync(signed_in, "ada"), "source=shown")
    await socket.connect(PATIENCE)
    await socket.receive_from(PATIENCE)
    assert len(crowd) == 1
    socket.future.cancel()
    with suppress(asyncio.CancelledError):
        await socket.future
    assert len(crowd) == 0


@pytest.mark.parametrize(("most", "sound"), [(1, True), (0, False), ("50", False), (True, False), (None, False)])
def test_a_number_that_lets_nobody_look_is_told(settings, most, sound):
    settings.WORKERS_LIVE_SOCKETS = most
    assert ("workers.E011" not in {found.id for found in run_checks(databases=[])}) is sound
