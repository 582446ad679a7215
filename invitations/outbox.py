"""Reads the mails that Django's file backend wrote. For a developer's own machine; what lies there is hostile input."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

NEWEST = 100
"""Files looked at; older ones stay on the disk."""
LARGEST = 1024 * 1024
"""Bytes; a larger file is no invitation."""
# What the file backend writes after each mail; one file may hold several.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    """``name`` is the file's, ``number`` counts the mails in it from 1."""

    name: str
    number: int
    subject: str
    to: str
    sent: datetime | None
    text: str
    html: str


def is_outbox_open(request: HttpRequest) -> bool:
    """Only with DEBUG, and only to this machine: asked directly, not through a proxy that runs here."""
    proxied = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return settings.DEBUG and not proxied and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def directory() -> Path | None:
    """Where mails are written, or None when they are really sent."""
    path = getattr(settings, "EMAIL_FILE_PATH", None)
    return Path(path) if path and settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend") else None


def newest(folder: Path) -> list[Mail]:
    files = sorted(_files(folder), key=lambda path: path.name, reverse=True)[:NEWEST]
    return [mail for path in files for mail in reversed(_read(path))]


def find(folder: Path, name: str, number: int) -> Mail | None:
    """``name`` is only compared with what is there and never made into a path."""
    for path in _files(folder):
        if path.name == name:
            return next((mail for mail in _read(path) if mail.number == number), None)
    return None


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.iterdir():
            if path.suffix == ".log" and path.is_file() and not path.is_symlink():
                yield path


def _read(path: Path) -> list[Mail]:
    if path.stat().st_size > LARGEST:
        return []
    parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
    return [_parse(path.name, number, part) for number, part in enumerate(parts, 1)]


def _parse(name: str, number: int, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(
        name=name,
        number=number,
        subject=_header(message, "Subject"),
        to=_header(message, "To"),
        sent=_date(message),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser has many ways to fail on headers that nobody should have written
        return ""


def _date(message: EmailMessage) -> datetime | None:
    try:
        sent: datetime = message["Date"].datetime
        # "-0000" is UTC without a time zone.
        return sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    except Exception:
        return None


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""
    except Exception:
        return ""
