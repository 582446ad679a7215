"""The board over the socket: pushed to who may see it, for as long as they may, and made once for all of them."""

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client

from myproject.asgi import application
from tests import tasks
from tests.workers.operating import staff
from workers.admin import board
from workers.admin.shared import Shared
from workers.live import register
from workers.live.consumer import NO_SUCH_PAGE, SIGNED_OUT
from workers.live.sources import find

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20
OFTEN = 0.05


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """What was rendered for those who watch; looked at and pushed more often than in earnest."""
    html: list[str] = []

    def make() -> str:
        html.append(board.board.html())
        return html[-1]

    usual = find(board.SOURCE)
    monkeypatch.setattr(board, "_watched", Shared(make, OFTEN))
    register(replace(usual, every=OFTEN))
    yield html
    register(usual)


def socket(client: Client) -> WebsocketCommunicator:
    session = client.cookies["sessionid"].value if "sessionid" in client.cookies else ""
    headers = [(b"cookie", f"sessionid={session}".encode()), (b"origin", b"http://testserver")]
    return WebsocketCommunicator(application, f"/live/?source={board.SOURCE}", headers=headers)


async def close_code(watching: WebsocketCommunicator) -> int:
    """After any pushes that were under way."""
    while (message := await watching.receive_output(PATIENCE))["type"] != "websocket.close":
        assert message["type"] in ("websocket.send", "websocket.accept")
    return message["code"]


def ready_jobs(html: str) -> int:
    row = html.split(">default</a></th>")[1]
    return int(row.split("<td>")[2].split("<")[0])


def test_the_board_is_pushed_when_the_page_opens_and_again_as_things_change():
    client = staff("view_job")

    async def watch() -> None:
        watching = socket(client)
        await watching.connect(PATIENCE)
        assert ready_jobs(await watching.receive_from(PATIENCE)) == 0
        await sync_to_async(tasks.echo.enqueue)(1)
        while ready_jobs(await watching.receive_from(PATIENCE)) != 1:
            pass
        await watching.disconnect(timeout=PATIENCE)

    async_to_sync(watch)()


def test_the_pushed_parts_carry_the_ids_that_the_page_has(admin_client):
    page = admin_client.get("/admin/workers/job/board/").text

    async def first() -> str:
        watching = socket(admin_client)
        await watching.connect(PATIENCE)
        pushed = await watching.receive_from(PATIENCE)
        await watching.disconnect(timeout=PATIENCE)
        return pushed

    pushed = async_to_sync(first)()
    for part in ("clock", "queues", "charts", "workers", "lately"):
        assert f'id="board-{part}"' in pushed
        assert f'id="board-{part}"' in page


@pytest.mark.parametrize(("permissions", "code"), [((), NO_SUCH_PAGE), (("view_workerprocess",), NO_SUCH_PAGE)])
def test_who_may_not_see_jobs_gets_nothing(permissions, code, made):
    assert async_to_sync(refused)(staff(*permissions)) == code
    assert not made


def test_who_is_not_signed_in_gets_nothing(made):
    assert async_to_sync(refused)(Client()) == SIGNED_OUT
    assert not made


async def refused(client: Client) -> int:
    watching = socket(client)
    await watching.connect(PATIENCE)
    return await close_code(watching)


@pytest.mark.parametrize("withdraw", [lambda user: user.user_permissions.clear(), lambda user: resign(user)])
def test_a_permission_that_is_withdrawn_ends_it(withdraw):
    client = staff("view_job")

    async def watch() -> int:
        watching = socket(client)
        await watching.connect(PATIENCE)
        await watching.receive_from(PATIENCE)
        await sync_to_async(lambda: withdraw(User.objects.get()))()
        return await close_code(watching)

    assert async_to_sync(watch)() == NO_SUCH_PAGE


def resign(user: User) -> None:
    user.is_staff = False
    user.save()


def test_it_is_made_once_for_all_who_watch(admin_client, monkeypatch, made):
    lasting = Shared(board._watched._make, lifetime=3600)
    monkeypatch.setattr(board, "_watched", lasting)

    async def watch() -> set[str]:
        sockets = [socket(admin_client) for _ in range(3)]
        for each in sockets:
            await each.connect(PATIENCE)
        seen = {await each.receive_from(PATIENCE) for each in sockets for _ in range(3)}
        for each in sockets:
            await each.disconnect(timeout=PATIENCE)
        return seen

    assert async_to_sync(watch)() == set(made)
    assert len(made) == 1


def test_news_of_a_watchers_own_jobs_is_no_reason_to_look_before_it_is_time(monkeypatch, made):
    render, watched = find(board.SOURCE).render, Shared(board._watched._make, lifetime=3600)
    monkeypatch.setattr(board, "_watched", watched)
    assert render(None, {}, {"a job"}) == made[0]
    assert render(None, {}, {"a job"}) == ""
    assert render(None, {}, None) == made[0]
    assert len(made) == 1
