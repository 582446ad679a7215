"""Keeps the tokens of links out of what is written about a request: log lines, access logs, error reports."""

import functools
import logging
import re
from typing import Any

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

LINK = re.compile(r"(/invitations/[0-9a-fA-F-]{36}/)[\w-]{20,}")
ACCESS_LOGS = ("uvicorn.access", "gunicorn.access", "hypercorn.access")
"""The loggers to which other web servers tell each request; they have handlers of their own."""


class HiddenToken:
    """What stands behind an invitation's id in an address, as a view gets it: nothing that prints it shows it."""

    def __init__(self, text: str) -> None:
        self._revealed = text

    def reveal(self) -> str:
        return self._revealed

    def __repr__(self) -> str:
        return "[token]"


class TokenConverter:
    """``<token:token>`` in a path."""

    regex = "[^/]+"

    def to_python(self, value: str) -> HiddenToken:
        return HiddenToken(value)

    def to_url(self, value: HiddenToken | str) -> str:
        return value.reveal() if isinstance(value, HiddenToken) else value


def hidden(value: Any) -> Any:
    """The same without tokens, in whatever dicts, lists and tuples: for the ``before_send`` of an error tracker.

    Weakness: what is no link, such as the bare token, is not recognised.
    """
    if isinstance(value, str):
        return LINK.sub(r"\1[token]", value)
    # By type: gunicorn's dict of a request finds what is not in it.
    if type(value) is dict:
        return {name: hidden(each) for name, each in value.items()}
    return type(value)(map(hidden, value)) if type(value) in (list, tuple) else value


class HideTokens(logging.Filter):
    """A filter for LOGGING. What is no link stays as it is, so an invitation's other addresses can still be told.

    Weakness: it sees what passes through ``logging``; the access log of a proxy does not.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        # One by one first: the formatters of access logs take the arguments apart themselves.
        record.msg, record.args = hidden(record.msg), hidden(record.args)
        text = record.getMessage()
        if hidden(text) != text:
            record.msg, record.args = hidden(text), ()
        return True


class Reporter(ExceptionReporter):
    """Django's error reports, in mails and on the page that DEBUG shows: they begin with the request's address."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(hidden(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(hidden(super().get_traceback_text()))


def hide_in_access_logs() -> None:
    """Of daphne, which writes its own past ``logging``, and of the servers that may stand in its place. Called once per
    process, after the server has set up its logs and before its first request."""
    for name in ACCESS_LOGS:
        logging.getLogger(name).addFilter(HideTokens())
    try:
        from daphne.access import AccessLogGenerator
    except ImportError:
        return
    write_entry = AccessLogGenerator.write_entry

    @functools.wraps(write_entry)
    def write_hidden(self: Any, host: Any, date: Any, request: str, *args: Any, **kwargs: Any) -> None:
        write_entry(self, host, date, hidden(request), *args, **kwargs)

    AccessLogGenerator.write_entry = write_hidden
