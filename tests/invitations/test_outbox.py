"""The outbox of a developer's machine, and who may look into it."""

import html
import os
import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from invitations import links, outbox
from tests.invitations.running import attempt

OUTBOX = "/invitations/outbox/"


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_FILE_PATH.mkdir()
    return settings.EMAIL_FILE_PATH


def test_a_sent_invitation_lies_there_with_its_link_to_click(client, folder, invitation):
    attempt(invitation)
    (path,) = folder.iterdir()
    listed = client.get(OUTBOX)
    assert "Ada Lovelace invites you" in listed.text
    assert "guest@example.com" in listed.text
    assert f"{OUTBOX}{path.name}/1/" in listed.text
    answer = client.get(f"{OUTBOX}{path.name}/1/")
    assert f'<a href="{links.address(invitation)}"' in answer.text
    assert "<iframe" in answer.text
    assert " sandbox " in answer.text
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_the_newest_mail_comes_first_and_each_mail_of_a_file_is_shown(client, folder):
    (folder / "20260101-000000-1.log").write_bytes(b"Subject: old\n\nold" + outbox.SEPARATOR)
    twice = b"Subject: %s\n\nbody"
    (folder / "20260102-000000-1.log").write_bytes(
        twice % b"newer" + outbox.SEPARATOR + twice % b"newest" + outbox.SEPARATOR
    )
    assert [mail.subject for mail in outbox.newest(folder)] == ["newest", "newer", "old"]
    assert client.get(f"{OUTBOX}20260102-000000-1.log/2/").status_code == 200
    assert client.get(f"{OUTBOX}20260102-000000-1.log/3/").status_code == 404


def test_an_empty_outbox_says_so(client, folder):
    assert "No mail yet" in client.get(OUTBOX).text
    folder.rmdir()
    assert "No mail yet" in client.get(OUTBOX).text


def test_with_real_mail_the_outbox_says_where_it_went(client, folder, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "really sent" in client.get(OUTBOX).text
    assert client.get(f"{OUTBOX}a.log/1/").status_code == 404


@pytest.mark.parametrize("path", [OUTBOX, f"{OUTBOX}a.log/1/"])
def test_without_debug_there_is_no_outbox(client, folder, settings, path):
    (folder / "a.log").write_bytes(b"Subject: a\n\nb")
    assert client.get(path).status_code == 200
    settings.DEBUG = False
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "request_from",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "localhost"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
    ids=str,
)
def test_nobody_but_this_machine_looks_into_it(client, folder, request_from):
    assert client.get(OUTBOX, **request_from).status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_looks_into_it(client, folder, address):
    assert client.get(OUTBOX, REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    "name", ["../secret.log", "..%2Fsecret.log", "%2e%2e/secret.log", "link.log", "folder.log", "plain.txt", "%00.log"]
)
def test_no_name_leads_out_of_the_folder(client, folder, name):
    (folder.parent / "secret.log").write_bytes(b"Subject: secret\n\nsecret")
    (folder / "link.log").symlink_to(folder.parent / "secret.log")
    (folder / "folder.log").mkdir()
    (folder / "plain.txt").write_bytes(b"Subject: secret\n\nsecret")
    answer = client.get(f"{OUTBOX}{name}/1/")
    assert answer.status_code == 404
    assert "secret" not in client.get(OUTBOX).text


def test_a_file_name_that_needs_quoting_can_be_opened(client, folder):
    name = "a & b?<c>.log"
    (folder / name).write_bytes(b"Subject: odd\n\nbody")
    (path,) = re.findall(rf'href="({OUTBOX}.+?)"', client.get(OUTBOX).text)
    assert client.get(html.unescape(path)).status_code == 200


def test_markup_in_a_mail_stays_in_its_frame(client, folder):
    mail = b"Subject: <b>x</b>\nTo: <i>y</i>\nContent-Type: text/html\n\n<script>alert('x')</script>"
    (folder / "a.log").write_bytes(mail)
    answer = client.get(f"{OUTBOX}a.log/1/")
    assert "<script>" not in answer.text
    assert "<b>x</b>" not in answer.text
    assert "<b>x</b>" not in client.get(OUTBOX).text


@given(raw=st.binary() | st.text().map(str.encode) | st.binary().map(lambda junk: b"Content-Type: " + junk + b"\n\nx"))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_breaks_the_outbox(folder, raw):
    (folder / "a.log").write_bytes(raw)
    for mail in outbox.newest(folder):
        assert outbox.find(folder, mail.name, mail.number) == mail


def test_a_huge_file_is_passed_over(folder):
    with open(folder / "a.log", "wb") as file:
        os.truncate(file.fileno(), outbox.LARGEST + 1)
    assert outbox.newest(folder) == []
