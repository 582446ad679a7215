"""docs/recipes/middleware.md, done."""

import json

import pytest
from django.utils.dates import WEEKDAYS
from django.utils.translation import override

from tests.sockets import open_socket

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["middleware"]
PUT_INTO_BASKET = """
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore({key!r})
session["basket"] = ["a book"]
session.save()
"""
LOOK = """
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore({key!r})
print(session.get("basket"), session.get("asked"))
"""


def ask(socket):
    socket.send("?")
    return json.loads(socket.recv(timeout=10))


def weekdays(language):
    with override(language):
        return {str(name) for name in WEEKDAYS.values()}


@pytest.mark.parametrize(("cookie", "language"), [("de", "de"), ("no-such-language", "en"), ("../../etc/passwd", "en")])
def test_the_language_cookie_reaches_the_consumer(web, cookie, language):
    with open_socket(web.url, "/ws/greeting/", cookies={"django_language": cookie}) as socket:
        assert ask(socket)["day"] in weekdays(language)


def test_it_counts_in_the_session_and_leaves_what_others_put_there(web):
    ada = web.sign_in("ada")
    key = ada.cookies["sessionid"]
    with open_socket(web.url, "/ws/greeting/", ada) as socket:
        assert ask(socket)["asked"] == 1
        web.shell(PUT_INTO_BASKET.format(key=key))
        assert ask(socket)["asked"] == 2
    with open_socket(web.url, "/ws/greeting/", ada) as socket:
        assert ask(socket)["asked"] == 3
    assert web.shell(LOOK.format(key=key)).endswith("['a book'] 3\n")


def test_a_stranger_leaves_no_session_behind(web):
    before = web.rows("SELECT session_key FROM django_session")
    for cookies in ({}, {"sessionid": "of-my-own-invention-0123456789ab"}):
        with open_socket(web.url, "/ws/greeting/", cookies=cookies) as socket:
            assert [ask(socket)["asked"], ask(socket)["asked"]] == [1, 1]
    assert web.rows("SELECT session_key FROM django_session") == before


def test_a_session_that_was_ended_stays_ended(web):
    ada = web.sign_in("ada")
    key = ada.cookies["sessionid"]
    with open_socket(web.url, "/ws/greeting/", ada) as socket:
        ask(socket)
        assert ada.post("/logout/", {}).status == 302
        assert ask(socket)["asked"] == 1
    assert (key,) not in web.rows("SELECT session_key FROM django_session")
