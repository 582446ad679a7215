"""The pages: each sees only his own, every change is a POST, errors stand beside the file's name."""

from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from myproject import environment
from tests.thumbnails.running import make
from tests.thumbnails.samples import encoded, scene
from thumbnails.forms import MOST_FILES, display_name
from thumbnails.models import Picture
from thumbnails.pages import PER_PAGE
from workers.models import Job

pytestmark = pytest.mark.django_db
LIST = "/pictures/"
PNG = encoded(scene(), "PNG")


def files_named(**contents: bytes) -> dict:
    return {"pictures": [SimpleUploadedFile(name.replace("_", "."), content) for name, content in contents.items()]}


def said(response) -> str:
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def addresses(picture: Picture) -> dict[str, str]:
    of = {name: reverse(f"thumbnails:{name}", args=[picture.pk]) for name in ("picture", "original", "retry", "delete")}
    return of | {"rendition": reverse("thumbnails:rendition", args=[picture.pk, "small", "jpeg"])}


@pytest.fixture
def ready(add) -> Picture:
    picture = add()
    make(picture.pk)
    return Picture.objects.with_state().get()


def test_several_files_are_uploaded_at_once(page):
    response = page.post(LIST, files_named(one_png=PNG, two_jpg=PNG))
    assert response.status_code == 302
    assert "2 pictures are uploaded" in said(response)
    assert set(Picture.objects.values_list("name", flat=True)) == {"one.png", "two.jpg"}
    assert Job.objects.filter(queue="thumbnailer", state="READY").count() == 2
    assert page.get(LIST).content.count(b"state-wait") == 2


def test_a_bad_file_is_named_and_keeps_no_good_one_back(page, settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 1024 * 1024}
    response = page.post(LIST, files_named(good_png=PNG, empty_png=b"", huge_png=b"x" * (1024 * 1024 + 1)))
    assert "empty.png: The file is empty." in said(response)
    assert "huge.png: The file has 1.0 MB, and at most 1 MB are accepted." in said(response)
    assert Picture.objects.get().name == "good.png"


def test_a_file_the_storage_refuses_is_named_and_nothing_is_recorded(page, media):
    (media / "originals").write_text("not a folder")
    response = page.post(LIST, files_named(good_png=PNG))
    assert "good.png: The file could not be stored just now." in said(response)
    assert not Picture.objects.exists()
    assert not Job.objects.exists()


def test_no_file_and_too_many_files_are_told_on_the_form(page):
    response = page.post(LIST, {})
    assert response.status_code == 400
    assert b"Choose at least one picture." in response.content
    response = page.post(LIST, files_named(**{f"n{number}_png": PNG for number in range(MOST_FILES + 1)}))
    assert b"Choose at most 20 at a time." in response.content
    assert not Picture.objects.exists()


def test_the_list_shows_thumbnails_and_reasons(page, ready, add):
    Picture.objects.filter(pk=add(b"junk", "<b>junk</b>.png").pk).update(error="This is no picture.")
    shown = page.get(LIST).content.decode()
    assert addresses(ready)["rendition"] in shown
    assert "This is no picture." in shown
    assert "&lt;b&gt;junk" in shown
    assert "<b>junk" not in shown


def test_the_list_of_24_pictures_takes_a_fixed_number_of_queries(page, add, django_assert_num_queries):
    # Who is signed in (2), how many pictures there are, the pictures with their jobs, their renditions.
    make(add().pk)
    with django_assert_num_queries(5):
        page.get(LIST)
    for _ in range(PER_PAGE - 1):
        make(add().pk)
    with django_assert_num_queries(5):
        assert page.get(LIST).content.count(b"<img") == PER_PAGE


def test_the_page_of_a_picture_takes_a_fixed_number_of_queries(page, ready, django_assert_num_queries):
    with django_assert_num_queries(4):
        page.get(ready.get_absolute_url())


def test_the_list_is_divided_into_pages(page, owner):
    Picture.objects.bulk_create(Picture(owner=owner, name=f"n{number}", bytes=1) for number in range(30))
    assert page.get(LIST).content.count(b"<li id=") == 24
    assert page.get(LIST, {"page": "2"}).content.count(b"<li id=") == 6
    assert page.get(LIST, {"page": "junk"}).status_code == 200


def test_the_page_of_a_picture_links_every_file(page, ready):
    shown = page.get(ready.get_absolute_url()).content.decode()
    assert addresses(ready)["original"] in shown
    for rendition in ready.renditions.all():
        assert f'href="{rendition.get_absolute_url()}"' in shown
        assert f"{rendition.width} × {rendition.height}" in shown
    assert addresses(ready)["retry"] not in shown


def test_a_failed_picture_offers_another_try(page, add):
    picture = add()
    Job.objects.update(state="FAILED")
    assert addresses(picture)["retry"] in page.get(picture.get_absolute_url()).content.decode()
    response = page.post(addresses(picture)["retry"], follow=True)
    assert b"waiting for the worker again" in response.content
    response = page.post(addresses(picture)["retry"], follow=True)
    assert b"is not waiting to be tried again" in response.content
    assert Job.objects.count() == 2


def test_a_picture_is_deleted_with_every_file_when_that_was_confirmed(page, ready, files, committed):
    assert len(files()) == 7
    assert b"Delete holiday.png?" in page.get(addresses(ready)["delete"]).content
    assert len(files()) == 7
    with committed():
        assert page.post(addresses(ready)["delete"]).status_code == 302
    assert files() == []
    assert page.get(ready.get_absolute_url()).status_code == 404


def test_for_a_stranger_a_picture_does_not_exist(client, ready, stranger):
    client.force_login(stranger)
    for name, address in addresses(ready).items():
        ask = client.post if name in ("retry", "delete") else client.get
        assert ask(address).status_code == 404, name
    assert ready.name not in client.get(LIST).content.decode()
    assert Picture.objects.count() == 1


def test_who_is_not_signed_in_is_asked_to(client, ready):
    for name, address in [*addresses(ready).items(), ("list", LIST)]:
        response = (client.post if name in ("retry", "delete") else client.get)(address)
        assert response.status_code == 302, name
        assert response.url.startswith(reverse("login"))


def test_changes_are_posts_with_a_token(page, ready, owner):
    assert page.get(addresses(ready)["retry"]).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    for address in (addresses(ready)["delete"], addresses(ready)["retry"], LIST):
        assert strict.post(address).status_code == 403
    assert Picture.objects.exists()


def test_a_rendition_is_served_as_a_picture_and_nothing_else(page, ready):
    response = page.get(reverse("thumbnails:rendition", args=[ready.pk, "small", "webp"]))
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"].startswith("private")
    assert response.headers["Content-Disposition"] == 'inline; filename="holiday-small.webp"'
    assert Image.open(BytesIO(response.content)).format == "WEBP"


def test_an_original_is_downloaded_as_what_it_is_and_not_as_it_was_named(page, add):
    picture = add(encoded(scene(), "GIF"), "page.html")
    make(picture.pk)
    response = page.get(addresses(picture)["original"])
    assert response.headers["Content-Type"] == "image/gif"
    assert response.headers["Content-Disposition"] == 'attachment; filename="page.gif"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content == encoded(scene(), "GIF")


def test_an_original_not_yet_looked_into_is_only_bytes(page, add):
    response = page.get(addresses(add(b"<script>", "page.html"))["original"])
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.content == b"<script>"


def test_a_file_the_storage_lost_is_not_found(page, ready, media):
    (media / str(ready.original)).unlink()
    assert page.get(addresses(ready)["original"]).status_code == 404


def test_other_sizes_and_formats_are_not_found(page, ready):
    for name, format in (("tiny", "jpeg"), ("small", "png"), ("original", "jpeg")):
        assert page.get(reverse("thumbnails:rendition", args=[ready.pk, name, format])).status_code == 404


def test_a_bucket_hands_the_file_out_itself_by_a_signed_address(page, ready, settings):
    bucket = {"S3_BUCKET": "uploads", "S3_ENDPOINT_URL": "https://s3.example.com", "S3_REGION": "eu-1"}
    keys = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "secret"}
    settings.STORAGES = environment.storages(bucket | keys, debug=True)
    response = page.get(addresses(ready)["original"])
    assert response.status_code == 302
    assert response.url.startswith("https://s3.example.com/uploads/originals/")
    assert "Signature=" in response.url
    assert "response-content-type=image%2Fpng" in response.url
    assert "response-content-disposition=attachment" in response.url
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("a\u202egpj.exe", "a gpj.exe"),
        ("two  lines\r\n.png", "two lines .png"),
        ("nul\0.png", "nul .png"),
        ("x" * 500 + ".png", "x" * 146 + ".png"),
        ("\u200b", "picture"),
        ("Żółć 😀.png", "Żółć 😀.png"),
    ],
)
def test_a_name_is_one_line_of_visible_text(given: str, shown: str):
    upload = SimpleUploadedFile("a", b"")
    vars(upload)["_name"] = given  # past what Django cleans itself
    assert display_name(upload) == shown
