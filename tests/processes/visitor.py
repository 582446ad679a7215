"""Somebody with a browser: keeps cookies, sends forms with their CSRF token, follows no redirect."""

import http.client
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import quote, urlsplit


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Visitor:
    """Safe to be used by several threads at once."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc
        self.cookies: dict[str, str] = {}
        self.lock = threading.Lock()

    def request(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        connection = http.client.HTTPConnection(self.address, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if content_type:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        with self.lock:
            for line in answer.headers.get_all("Set-Cookie") or []:
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            # Shown on the page after the redirect, which nobody here looks at.
            self.cookies.pop("messages", None)
        return answer

    def is_answered(self, path: str) -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, fields: dict[str, str], files: list[tuple[str, str, bytes]] | None = None) -> Answer:
        """Send a form; ``files`` are (field, file name, content)."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in ({"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")} | fields).items()
        ]
        for field, name, content in files or []:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{quote(name)}"\r\n'
            parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.request("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def sign_in(self, name: str, password: str) -> "Visitor":
        self.get("/login/")
        answer = self.post("/login/", {"username": name, "password": password})
        assert answer.status == 302, answer.text
        return self

    def invite(self, address: str) -> None:
        answer = self.post("/invitations/", {"email": address})
        assert answer.status == 302, f"{answer.status} for {address}: {answer.text}"

    def invite_all(self, addresses: list[str], threads: int = 8) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.invite, addresses))
