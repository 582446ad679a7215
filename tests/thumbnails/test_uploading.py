"""Files that the page's script sends one by one, and what the page tells that script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from myproject import environment
from tests.thumbnails.samples import encoded, scene
from thumbnails import direct
from thumbnails.models import Picture
from workers.models import Job

pytestmark = pytest.mark.django_db
UPLOAD = "/pictures/upload"
PNG = encoded(scene(), "PNG")


def send(client: Client, name: str = "holiday.png", content: bytes = PNG):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def test_a_file_is_taken_and_its_page_told(page):
    response = send(page, "<b>holiday</b>.png")
    picture = Picture.objects.get()
    assert response.status_code == 202
    assert response.json() == {"picture": str(picture.pk), "page": picture.get_absolute_url()}
    assert Job.objects.filter(pk=picture.job_id, state="READY").exists()


def test_what_is_wrong_with_a_file_is_told_in_a_sentence_and_nothing_is_kept(page, settings, media):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 1024 * 1024}
    for response, told in (
        (send(page, content=b""), "The file is empty."),
        (send(page, content=b"x" * (1024 * 1024 + 1)), "at most 1 MB are accepted"),
        (page.post(UPLOAD), "No file came"),
    ):
        assert response.status_code == 400
        assert told in response.json()["error"]
    (media / "originals").write_text("not a folder")
    response = send(page)
    assert response.status_code == 503
    assert "could not be stored just now" in response.json()["error"]
    assert not Picture.objects.exists()


def test_it_is_a_post_with_a_token_of_somebody_signed_in(client, owner):
    assert reverse("login") in send(client).url
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert send(strict).status_code == 403
    assert strict.get(UPLOAD).status_code == 405
    assert not Picture.objects.exists()


def test_the_page_says_the_limits_before_anything_is_sent(page, settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 3 * 1024 * 1024}
    shown = page.get("/pictures/").text
    assert 'data-most-files="20" data-max-bytes="3145728"' in shown
    assert "at most 20 at a time and 3.0\xa0MB each" in shown
    assert f'data-url="{UPLOAD}"' in shown
    assert "data-direct" not in shown, "a local disk takes no direct uploads"


@pytest.fixture
def bucket(settings):
    names = {"S3_BUCKET": "uploads", "S3_ENDPOINT_URL": "https://s3.example.com", "S3_REGION": "eu-1"}
    keys = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "secret"}
    settings.STORAGES = environment.storages(names | keys, debug=True)
    settings.DIRECT_UPLOADS = True


def test_where_a_bucket_takes_uploads_the_script_is_told_so(page, bucket):
    assert f'data-direct="{reverse("thumbnails:direct")}"' in page.get("/pictures/").text


def test_what_is_still_on_its_way_to_the_bucket_is_not_shown_as_a_picture(page, owner, bucket):
    coming = direct.begin(owner, "coming.png").picture
    assert "coming.png" not in page.get("/pictures/").text
    direct.arrived(coming.pk)
    assert "coming.png" in page.get("/pictures/").text
