"""A mail provider on this machine, over real HTTP: Postmark's API at ``/email``, Resend's at ``/emails``, Brevo's at
``/smtp/email``.

It answers as told by ``behaviour``: ``accept``, or a name in ANSWERS, or ``stall``, ``drop`` and their kin, which take
the mail and never say so. A key given twice sends nothing twice: Resend repeats its answer, Brevo refuses the second.
"""

import json
import os
import socket
import struct
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from myproject.mail_environment import email

KEY = "the right key"
ID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"

Told = tuple[int, dict[str, str], str]
"""A status, headers and a body."""

ANSWERS: dict[str, Told] = {
    "busy": (429, {"Retry-After": "90"}, '{"message": "Too many requests"}'),
    "broken": (500, {}, '{"message": "Internal server error"}'),
    "down": (503, {"Retry-After": "120"}, "<html>Service Unavailable</html>"),
    "gateway": (504, {}, "<html>Gateway Time-out</html>"),
    "refuse": (422, {}, '{"ErrorCode": 300, "Message": "Invalid \'To\' address: \'guest@example.com\'"}'),
    "conflict": (409, {}, '{"name": "concurrent_idempotent_requests", "message": "in progress"}'),
    "garbage": (200, {}, "<html>Welcome to the hotel's network</html>"),
    "nothing": (200, {}, "{}"),
    "a list": (200, {}, "[1, 2]"),
    "null": (200, {}, "null"),
}
ANSWERS["refuse oddly"] = (422, {}, '{"ErrorCode": 300, "Message": "Invalid \'To\' address"}')
REPEATED: Told = (400, {}, '{"code": "duplicate_parameter", "message": "idempotencyKey has been used already"}')
SILENT = {"stall", "drop", "half", "reset"}

PROVIDERS = {"postmark": "POSTMARK_SERVER_TOKEN", "resend": "RESEND_API_KEY", "brevo": "BREVO_API_KEY"}
KEY_HEADERS = {"X-Postmark-Server-Token": KEY, "Authorization": f"Bearer {KEY}", "api-key": KEY}


def told_to_wait_until(time: datetime) -> Told:
    return 429, {"Retry-After": format_datetime(time.astimezone(UTC), usegmt=True)}, "{}"


def choose(settings: Any, provider: str, url: str, key: str = KEY) -> None:
    """As the environment would: by its variables alone."""
    env = {"EMAIL_PROVIDER": provider, PROVIDERS[provider]: key, f"{provider.upper()}_API_URL": url}
    for name, value in email(env, settings.VAR).items():
        setattr(settings, name, value)
    settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": 1}


class HttpProvider:
    """``mails`` are those it took, by their key or number; ``requests`` all that it was asked, with their headers, and
    ``keys`` the keys they came with; ``stalled`` counts those that it let wait. ``wait_for`` is how far ahead the date
    is that "busy until" names."""

    def __init__(self) -> None:
        self.behaviour = "accept"
        self.wait_for = timedelta(hours=1)
        self.keys: list[str] = []
        self.stalled = 0
        self.mails: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"provider": self}))
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    provider: HttpProvider

    def do_POST(self) -> None:
        provider, headers = self.provider, dict(self.headers)
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.requests.append((headers, mail))
        key = headers.get("Idempotency-Key") or mail.get("headers", {}).get("idempotencyKey", "")
        provider.keys.append(key)
        if not any(headers.get(name) == value for name, value in KEY_HEADERS.items()):
            return self.answer(401, {}, '{"ErrorCode": 10, "Message": "Bad or missing Server API token."}')
        if told := ANSWERS.get(provider.behaviour):
            return self.answer(*told)
        if provider.behaviour == "busy until":
            return self.answer(*told_to_wait_until(datetime.now(UTC) + provider.wait_for))
        if key in provider.mails and "api-key" in headers:
            return self.answer(*REPEATED)
        provider.mails[key or str(len(provider.mails))] = mail
        if provider.behaviour in SILENT:
            return self.fall_silent()
        accepted = {"MessageID": ID, "id": ID, "messageId": ID, "ErrorCode": 0, "Message": "OK", "To": mail.get("To")}
        return self.answer(200, {}, json.dumps(accepted))

    def fall_silent(self) -> None:
        if self.provider.behaviour == "stall":
            self.provider.stalled += 1
            self.provider.released.wait(10)
        if self.provider.behaviour == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id": ')
        if self.provider.behaviour == "reset":
            # Not to linger: the peer is told by RST and not by FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        self.close_connection = True

    def answer(self, status: int, headers: dict[str, str], body: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass
