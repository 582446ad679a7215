"""A real S3 protocol server (moto) with one bucket. It keeps what it has while it is stopped.

Its limits: it checks neither signatures nor the conditions of a presigned POST, so what depends on them is asserted on
what we sign, and the worker checks what arrived.
"""

import urllib.error
import urllib.request
from functools import cached_property
from typing import Any
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from myproject import environment
from tests.servers import free_port

NAME = "uploads"


class Bucket:
    def __init__(self) -> None:
        self.port = free_port()
        self._server: ThreadedMotoServer | None = None
        self.start()
        self.create()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "S3_BUCKET": NAME,
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": "id",
            "S3_SECRET_ACCESS_KEY": "secret",
        }

    @property
    def storages(self) -> dict[str, Any]:
        """The setting STORAGES, as the environment makes it."""
        return environment.storages(self.environment, debug=True)

    @cached_property
    def storage(self) -> S3Storage:
        return S3Storage(**self.storages["default"]["OPTIONS"])

    def start(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        if self._server:
            self._server.stop()
        self._server = None

    def create(self) -> None:
        self._client.create_bucket(Bucket=NAME)

    def empty(self) -> None:
        for name in self.names():
            self._client.delete_object(Bucket=NAME, Key=name)

    def names(self) -> list[str]:
        listed = self._client.list_objects_v2(Bucket=NAME)
        return sorted(found["Key"] for found in listed.get("Contents", ()))

    def head(self, name: str) -> dict[str, Any]:
        return self._client.head_object(Bucket=NAME, Key=name)

    def remove(self) -> None:
        """The bucket itself, with all that is in it."""
        self.empty()
        self._client.delete_bucket(Bucket=NAME)

    @cached_property
    def _client(self) -> Any:
        given = self.environment
        return boto3.client(
            "s3",
            endpoint_url=given["S3_ENDPOINT_URL"],
            region_name=given["S3_REGION"],
            aws_access_key_id=given["S3_ACCESS_KEY_ID"],
            aws_secret_access_key=given["S3_SECRET_ACCESS_KEY"],
        )


def fetch(url: str) -> tuple[int, Any, bytes]:
    """Status, headers and body, as a browser gets them."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def post_form(url: str, fields: dict[str, str], file: bytes) -> int:
    """What a browser does with a presigned POST: the fields first, the file last."""
    boundary = uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n\r\n'
    body = "".join([*parts, head]).encode() + file + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return answer.status
