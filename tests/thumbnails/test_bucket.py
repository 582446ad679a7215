"""On a bucket, where web and worker share no disk."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.urls import reverse
from PIL import Image

from tests.thumbnails.bucket import fetch
from tests.thumbnails.samples import encoded, scene
from thumbnails import actions, files
from thumbnails.models import Picture
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db


def shown() -> Picture:
    return Picture.objects.with_state().get()


def named(picture: Picture) -> list[str]:
    return sorted({str(picture.original), *(str(each.file) for each in picture.renditions.all())})


def test_an_upload_is_rendered_and_handed_out_by_signed_addresses(bucket, add, page):
    add(encoded(scene(), "JPEG"), "page.html")
    drain(raise_errors=True)
    picture = shown()
    assert picture.state == "ready"
    assert bucket.names() == named(picture)

    original = page.get(reverse("thumbnails:original", args=[picture.pk]))
    assert "X-Amz-Expires=300" in original.url
    assert "X-Amz-Signature=" in original.url
    status, headers, body = fetch(original.url)
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert headers["Content-Disposition"] == 'attachment; filename="page.jpg"'
    assert body == encoded(scene(), "JPEG")

    rendition = picture.renditions.first()
    status, headers, body = fetch(page.get(rendition.get_absolute_url()).url)
    assert (status, headers["Content-Type"]) == (200, rendition.content_type)
    assert headers["Content-Disposition"].startswith("inline")
    assert Image.open(io.BytesIO(body)).size == (rendition.width, rendition.height)


def test_the_bucket_keeps_no_type_that_an_uploader_claimed(bucket, add):
    picture = add(b"<script>alert(1)</script>", "page.html")
    assert bucket.head(str(picture.original))["ContentType"] == "application/octet-stream"


class Pieces(io.BytesIO):
    """Knows the largest piece it was asked for."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece


@pytest.mark.parametrize("where", ["bucket", "disk"])
def test_an_upload_is_never_read_as_a_whole(where: str, owner, request):
    if where == "bucket":
        request.getfixturevalue("bucket")
    pieces = Pieces(bytes(24 * 1024 * 1024))
    upload = UploadedFile(pieces, "large.png", "image/png", size=24 * 1024 * 1024)
    picture = actions.add(owner, upload, "large.png")
    assert picture.original.size == 24 * 1024 * 1024
    assert pieces.largest <= 1024 * 1024


def test_a_bucket_that_does_not_answer_is_a_retry_and_not_a_loss(bucket, add, owner, page):
    add()
    bucket.stop()
    drain()
    assert shown().state == "retrying"

    upload = SimpleUploadedFile("second.png", encoded(scene(), "PNG"))
    response = page.post(reverse("thumbnails:list"), {"pictures": [upload]}, follow=True)
    assert "could not be stored just now" in response.text
    assert Picture.objects.count() == Job.objects.count() == 1

    bucket.start()
    drain(scheduled=True, raise_errors=True)
    assert shown().state == "ready"
    assert bucket.names() == named(shown())


def test_a_bucket_that_is_missing_is_a_retry_and_not_a_loss(bucket, add, settings):
    add()
    right = settings.STORAGES
    settings.STORAGES = bucket.storages
    settings.STORAGES["default"]["OPTIONS"]["bucket_name"] = "no-such-bucket"
    drain()
    assert shown().state == "retrying"
    settings.STORAGES = right
    drain(scheduled=True, raise_errors=True)
    assert shown().state == "ready"


def test_deleting_removes_every_object(bucket, add, committed):
    picture = add()
    drain(raise_errors=True)
    with committed():
        actions.remove(picture.pk)
    assert bucket.names() == []


def test_what_cannot_be_removed_now_keeps_nobody_from_deleting(bucket, add, committed, caplog):
    picture = add()
    bucket.stop()
    try:
        with committed():
            actions.remove(picture.pk)
    finally:
        bucket.start()
    assert not Picture.objects.exists()
    assert "could not be removed and is left behind" in caplog.text
    assert bucket.names() == [str(picture.original)]


def test_a_file_too_large_is_refused_before_it_is_fetched(bucket, owner, settings):
    stored = files.store("originals", SimpleUploadedFile("a", bytes(3 * 1024 * 1024)))
    picture = Picture.objects.create(owner=owner, name="a.png", original=stored, bytes=0)
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 2 * 1024 * 1024}
    picture.job_id = actions.enqueue(picture)
    picture.save()
    drain()
    refused = shown()
    assert (refused.state, refused.bytes) == ("refused", 3 * 1024 * 1024)
    assert "3.0 MB, and at most 2 MB" in refused.error
