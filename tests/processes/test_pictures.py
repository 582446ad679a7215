"""50 uploads over HTTP become thumbnails, though Redis forgets everything on the way."""

import io

import pytest
from PIL import Image

from tests.processes.conftest import signed_in
from tests.waiting import wait_until
from thumbnails.models import Picture, Rendition

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]

UPLOADS, AT_ONCE = 50, 10


def photo(number: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((800, 600), 50 + number).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def upload(visitor, numbers: range) -> None:
    files = [("pictures", f"photo-{number}.jpg", photo(number)) for number in numbers]
    answer = visitor.post("/pictures/", {}, files)
    assert answer.status == 302, answer.text


def states() -> list[str]:
    return sorted(str(picture.state) for picture in Picture.objects.with_state())


def test_fifty_uploads_become_thumbnails_though_redis_is_flushed_amid_them(site, visitor, redis):
    site.start_worker("thumbs")
    for start in range(0, UPLOADS, AT_ONCE):
        upload(visitor, range(start, start + AT_ONCE))
        redis.call("FLUSHALL")
    wait_until(lambda: not {"queued", "working", "retrying"} & set(states()), lambda: f"renditions: {states()}", 120)
    assert states() == ["ready"] * UPLOADS

    # Three sizes, each as JPEG and as WebP.
    assert Rendition.objects.count() == UPLOADS * 3 * 2
    stranger = signed_in(site, "eve")
    for rendition in Rendition.objects.select_related("picture"):
        path = rendition.get_absolute_url()
        answer = visitor.get(path)
        assert answer.status == 200, path
        assert answer.headers["Content-Type"] == rendition.content_type
        assert Image.open(io.BytesIO(answer.body)).size == (rendition.width, rendition.height)
        assert stranger.get(path).status == 404
