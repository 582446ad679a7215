"""What the ASGI application does with WebSockets that nobody asked for."""

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator, WebsocketCommunicator

from myproject.asgi import application
from tests.live_page import PATIENCE

# A consumer looks after every connection that there is, also those that earlier tests have opened.
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


async def is_accepted(path, origin=b"http://testserver", root_path=""):
    communicator = WebsocketCommunicator(application, path, headers=[(b"origin", origin)])
    communicator.scope["root_path"] = root_path
    accepted, _ = await communicator.connect(PATIENCE)
    await communicator.disconnect(timeout=PATIENCE)
    return accepted


@pytest.mark.parametrize("path", ["/", "/no/such/path/", "/live", "/admin/"])
def test_a_path_that_no_consumer_has_is_refused_without_an_exception(path):
    assert not async_to_sync(is_accepted)(path)


def test_a_foreign_origin_is_refused_before_anything_else():
    assert not async_to_sync(is_accepted)("/live/", origin=b"https://evil.example")


async def page(path, root_path):
    communicator = HttpCommunicator(application, "GET", path, headers=[(b"host", b"testserver")])
    communicator.scope["root_path"] = root_path
    response = await communicator.get_response(PATIENCE)
    await communicator.wait(PATIENCE)
    return response["status"], response["body"].decode()


def test_a_root_path_that_a_client_names_changes_no_link_and_raises_nothing():
    status, body = async_to_sync(page)("/login/", "//evil.example")
    assert status == 200
    assert 'href="/login/"' in body
    assert "evil.example" not in body
    assert async_to_sync(is_accepted)("/live/", root_path="/elsewhere")


def test_the_icon_that_browsers_ask_for_is_no_error():
    assert async_to_sync(page)("/favicon.ico", "") == (204, "")
