from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.thumbnails.samples import encoded, scene
from tests.thumbnails.watched_pool import WatchedPool
from thumbnails import actions
from thumbnails.decoding import apart, decoder
from thumbnails.models import Picture


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    """Where the uploads of this test go, and nobody else's."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def files(media: Path) -> Callable[[], list[str]]:
    """The names of all files in storage, as rows name them."""
    return lambda: sorted(str(file.relative_to(media)) for file in media.rglob("*") if file.is_file())


@pytest.fixture
def declare(settings) -> Callable[..., None]:
    """``declare(small=(60, 60))``: these are the specs now, and no others."""

    def declare(**specs: Any) -> None:
        settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": specs}

    return declare


@pytest.fixture
def owner(db, django_user_model):
    return django_user_model.objects.create_user("owner", password="owner")


@pytest.fixture
def stranger(db, django_user_model):
    return django_user_model.objects.create_user("stranger", password="stranger")


@pytest.fixture
def page(client: Client, owner) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def add(owner) -> Callable[..., Picture]:
    """Upload as the page does, without the page."""

    def upload(content: bytes | None = None, name: str = "holiday.png") -> Picture:
        content = encoded(scene(), "PNG") if content is None else content
        return actions.add(owner, SimpleUploadedFile(name, content, content_type="text/html"), name)

    return upload


@pytest.fixture
def committed(django_capture_on_commit_callbacks) -> Callable[[], Iterator]:
    """``with committed():`` what happens inside is followed by what waits for its commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Any]:
    # Not at the top: it takes a second to import.
    from tests.thumbnails.bucket import Bucket

    server = Bucket()
    yield server
    server.stop()


@pytest.fixture
def bucket(bucket_server: Any, settings) -> Iterator[Any]:
    """Where uploads go instead of the disk."""
    settings.STORAGES = bucket_server.storages
    settings.DIRECT_UPLOADS = True
    # One client for all tests: it takes longer to make than most of them run.
    vars(storages)["_storages"]["default"] = bucket_server.storage
    yield bucket_server
    bucket_server.empty()


@pytest.fixture
def pool(monkeypatch) -> Iterator[WatchedPool]:
    """Decoders that do what the picture says: tests/thumbnails/misbehaving.py."""
    monkeypatch.setattr(decoder, "PROGRAM", "tests.thumbnails.misbehaving")
    monkeypatch.setattr(apart, "pool", pool := WatchedPool())
    yield pool
    pool.close()
