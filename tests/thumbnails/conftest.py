from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.thumbnails.samples import encoded, scene
from thumbnails import actions
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
