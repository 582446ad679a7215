"""A large file leaves in pieces, whoever serves it."""

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.http import Http404, StreamingHttpResponse

from thumbnails import files
from thumbnails.serving import IN_ONE_PIECE, StoredFile, serve

pytestmark = pytest.mark.django_db  # the end of an answer looks after connections

LARGE = bytes(range(256)) * (IN_ONE_PIECE // 256 + 1)


def served(content: bytes = LARGE):
    name = files.store("originals", ContentFile(content))
    return serve(name, content_type="image/png", filename="a.png", download=True)


async def pieces_of(response: StreamingHttpResponse) -> list[bytes]:
    return [piece async for piece in response]


@pytest.mark.parametrize("server", ["asgi", "wsgi"])
def test_a_large_file_leaves_in_pieces(server: str):
    response = served()
    assert isinstance(response, StreamingHttpResponse)
    pieces = async_to_sync(pieces_of)(response) if server == "asgi" else list(response)
    assert b"".join(pieces) == LARGE
    assert max(map(len, pieces)) == StoredFile.block_size
    response.close()


@pytest.mark.parametrize("size", [IN_ONE_PIECE, IN_ONE_PIECE + 1])
def test_small_and_large_are_harmless_alike(size: int):
    response = served(bytes(size))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.png"'
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"].startswith("private")
    response.close()


def test_a_file_the_storage_has_lost_is_not_found():
    with pytest.raises(Http404):
        serve("originals/none", content_type="image/png", filename="a.png", download=True)
