"""Live pages over a real daphne, Redis and workers: their own people's, and nobody else's."""

import json
import signal

import pytest
from websockets.sync.client import ClientConnection

from tests.processes.conftest import signed_in
from tests.processes.visitor import Visitor
from tests.sockets import close_code, open_socket, refusal
from workers.live.consumer import SIGNED_OUT

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

PATIENCE = 20
LIST = "/live/?source=invitations&page=1"


def opened(visitor: Visitor) -> ClientConnection:
    return open_socket(f"http://{visitor.address}", LIST, visitor)


def pushed_with(socket: ClientConnection, *texts: str) -> str:
    """The first push that holds one of these; fails when none comes in time."""
    while not any(text in (html := str(socket.recv(PATIENCE))) for text in texts):
        pass
    return html


def test_two_people_side_by_side_each_see_their_own_mail_being_sent(site, visitor, mailbox):
    site.start_worker("invites")
    eve = signed_in(site, "eve")
    with opened(visitor) as hers, opened(eve) as others:
        assert "None yet" in pushed_with(hers, "<div")
        mailbox.hold()
        visitor.invite("guest@example.com")
        assert "<progress" in pushed_with(hers, ">sending<")
        mailbox.let_go()
        assert "guest@example.com" in pushed_with(hers, ">sent<")
        eve.invite("other@example.com")
        # All that came to eve, up to the end of what she did herself.
        heard = [pushed_with(others, "<div")]
        while ">sent<" not in heard[-1]:
            heard.append(str(others.recv(PATIENCE)))
        assert "guest@example.com" not in "".join(heard)


def test_what_is_done_over_the_socket_is_done(site, visitor):
    visitor.invite("guest@example.com")
    with opened(visitor) as socket:
        row = pushed_with(socket, "<tr")
        pk = row.split('id="invitation-')[1][:36]
        socket.send(json.dumps({"action": "cancel", "invitation": pk}))
        assert "is cancelled; nothing is sent" in pushed_with(socket, "live-said")
        assert "Send again" in pushed_with(socket, ">cancelled<")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
def test_another_sites_page_cannot_open_a_socket(visitor, origin):
    assert refusal(f"http://{visitor.address}", LIST, visitor, origin=origin) == 403


def test_who_is_not_signed_in_gets_nothing(visitor):
    with opened(Visitor(f"http://{visitor.address}")) as socket:
        assert close_code(socket) == SIGNED_OUT


def test_signing_out_ends_the_pages_that_are_open(visitor):
    with opened(visitor) as socket:
        pushed_with(socket, "None yet")
        visitor.post("/logout/", {})
        socket.send(json.dumps({"action": "cancel", "invitation": "x"}))
        assert "You are signed out." in pushed_with(socket, "live-said")
        assert close_code(socket) == SIGNED_OUT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_restart_of_the_server_the_page_is_brought_up_to_date(site, visitor, mailbox, number):
    with opened(visitor) as socket:
        pushed_with(socket, "None yet")
        (web,) = [process for process in site.processes if "daphne" in process.log.name]
        web.signal_group(number)
        # One of the codes after which htmx opens it again.
        assert close_code(socket) in (1006, 1011, 1012, 1013)
        web.wait()
    site.start_web()
    visitor.invite("guest@example.com")
    with opened(visitor) as socket:
        assert "guest@example.com" in pushed_with(socket, "<div")
