"""What is written about a request that opens a link: never its token."""

import logging
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import resolve, reverse

from invitations import links
from invitations.hidden_tokens import HideTokens, Reporter, hidden
from tests.invitations.guest import link_to

TOKEN = "t" * 43
LINK = f"/invitations/{uuid4()}/{TOKEN}/"


def test_an_error_report_of_a_link_tells_everything_but_the_token(db, invitation, monkeypatch):
    reports = []

    def broken(*args, **kwargs):
        raise RuntimeError("the database went away")

    class Keep(logging.Handler):
        def emit(self, record):
            reporter = Reporter(record.request, *record.exc_info)
            reports.extend([reporter.get_traceback_html(), reporter.get_traceback_text()])

    handler = Keep()
    logging.getLogger("django.request").addHandler(handler)
    token, path = links.token(invitation), link_to(invitation)
    monkeypatch.setattr(links, "salted_hmac", broken)
    try:
        answer = Client(raise_request_exception=False).get(path)
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == 500
    assert len(reports) == 2
    for report in reports:
        assert "the database went away" in report
        assert f"/invitations/{invitation.pk}/[token]/" in report
        assert token not in report


def test_what_the_view_gets_shows_itself_nowhere():
    token = resolve(LINK).kwargs["token"]
    assert token.reveal() == TOKEN
    assert TOKEN not in f"{token} {token!r} {vars(resolve(LINK))}".replace(LINK, "").replace(LINK[1:], "")
    assert reverse("invitations:accept", args=[resolve(LINK).kwargs["pk"], token]) == LINK


def test_an_error_trackers_event_is_cleaned_however_deep():
    event = {"request": {"url": f"https://example.com{LINK}"}, "lines": [("GET", LINK), 3, None]}
    cleaned = hidden(event)
    assert TOKEN not in str(cleaned)
    assert cleaned["lines"][0][0] == "GET"
    assert cleaned["lines"][1:] == [3, None]
    assert TOKEN in str(event)


class Atoms(dict):
    """As gunicorn's: it finds what is not there."""

    def __getitem__(self, name):
        return dict.get(self, name, "-")


@pytest.mark.parametrize(
    ("text", "args", "told"),
    [
        # uvicorn's formatter takes these five apart by itself.
        ('%s - "%s %s HTTP/%s" %d', ("1.2.3.4:5", "GET", LINK, "1.1", 302), 'GET {} HTTP/1.1" 302'),
        ("%(h)s %(r)s %(missing)s", (Atoms(h="1.2.3.4", r=f"GET {LINK}"),), "1.2.3.4 GET {} -"),
        (f"100% of {LINK}", (), "100% of {}"),
    ],
)
def test_access_logs_keep_their_arguments(text, args, told):
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, text, args, None)
    HideTokens().filter(record)
    assert told.format(LINK.replace(TOKEN, "[token]")) in record.getMessage()
    assert TOKEN not in f"{record.msg} {record.args}"
    assert len(record.args) == (5 if len(args) == 5 else 0)


@pytest.mark.parametrize("path", ["/login/", "/invitations/", f"/invitations/{UUID(int=7)}/send-again/"])
def test_other_addresses_stay_as_they_are(path):
    assert hidden(path) == path


def test_no_page_of_the_guest_sends_its_address_elsewhere(client, invitation):
    answer = client.get(link_to(invitation))
    assert answer["Referrer-Policy"] == "no-referrer"
    page = client.get(answer.url)
    assert page["Referrer-Policy"] == "same-origin"


def test_the_reporter_needs_no_request():
    try:
        raise ValueError(LINK)
    except ValueError as error:
        text = Reporter(None, type(error), error, error.__traceback__).get_traceback_text()
    assert TOKEN not in text
    assert "[token]" in text
