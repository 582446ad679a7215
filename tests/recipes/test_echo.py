"""docs/recipes/echo.md, done."""

import pytest

from tests.sockets import close_code, open_socket, refusal

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["echo"]
MEBIBYTE = 2**20


def test_text_and_bytes_come_back(web):
    with open_socket(web.url, "/ws/echo/") as socket:
        socket.send("grüß dich")
        assert socket.recv(timeout=10) == "grüß dich"
        socket.send(b"\x00\xff")
        assert socket.recv(timeout=10) == b"\x00\xff"


def test_what_the_page_says_to_try_says_hello(web):
    script = web.cwd / "try_echo.py"
    script.write_text(script.read_text().replace("127.0.0.1:8000", f"127.0.0.1:{web.port}"))
    assert web.run("python try_echo.py") == "hello\n"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_foreign_origin_or_none_is_refused(web, origin):
    assert refusal(web.url, "/ws/echo/", origin=origin) == 403


def test_a_message_above_one_mebibyte_ends_its_socket_and_no_other(web):
    with open_socket(web.url, "/ws/echo/") as other, open_socket(web.url, "/ws/echo/") as socket:
        socket.send("x" * (MEBIBYTE - 1))
        assert len(socket.recv(timeout=10)) == MEBIBYTE - 1
        socket.send("x" * (MEBIBYTE + 1))
        assert close_code(socket) in {1006, 1009}
        other.send("still here")
        assert other.recv(timeout=10) == "still here"
