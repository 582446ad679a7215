"""From the browser straight to the bucket; the worker looks at what arrived."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.thumbnails.bucket import post_form
from tests.thumbnails.samples import encoded, scene
from thumbnails import direct
from thumbnails.models import Picture
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db
BEGIN = "/pictures/direct"


def shown() -> Picture:
    return Picture.objects.with_state().get()


def begun(page: Client, name: str = "holiday.png", size: int = 1000) -> dict:
    response = page.post(BEGIN, {"name": name, "size": size})
    assert response.status_code == 201, response.content
    return response.json()


def test_a_picture_goes_past_the_web_process_and_becomes_ready(bucket, page):
    content = encoded(scene(), "PNG")
    form = begun(page, "../holiday\n.png", len(content))
    assert form["url"] == f"http://127.0.0.1:{bucket.port}/uploads"
    assert not Job.objects.exists()
    assert post_form(form["url"], form["fields"], content) == 204

    response = page.post(form["arrived"])
    assert (response.status_code, response.json()) == (
        202, {"picture": form["picture"], "page": f"/pictures/{form['picture']}/"}
    )  # fmt: skip
    drain(raise_errors=True)
    picture = shown()
    assert (picture.state, picture.name, picture.bytes) == ("ready", "holiday .png", len(content))
    assert str(picture.original) == form["fields"]["key"]
    assert "holiday" not in form["fields"]["key"]


def test_what_is_signed_is_one_name_one_type_a_size_and_ten_minutes(bucket, page, settings):
    fields = begun(page)["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    largest = settings.THUMBNAILS["MAX_BYTES"]
    assert ["content-length-range", 1, largest] in policy["conditions"]
    assert {"key": fields["key"]} in policy["conditions"]
    assert {"bucket": "uploads"} in policy["conditions"]
    assert {"Content-Type": "application/octet-stream"} in policy["conditions"]
    until = timezone.datetime.fromisoformat(policy["expiration"]) - timezone.now()
    assert timedelta(minutes=9) < until <= timedelta(minutes=10)


def test_what_arrived_larger_than_it_may_be_is_refused_by_the_worker(bucket, page, settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 50_000}
    form = begun(page, size=1000)
    post_form(form["url"], form["fields"], bytes(60_000))
    page.post(form["arrived"])
    drain()
    assert (shown().state, shown().bytes) == ("refused", 60_000)
    assert "accepted" in shown().error


def test_what_arrived_as_no_picture_is_refused_by_its_content(bucket, page):
    form = begun(page)
    post_form(form["url"], form["fields"], b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    page.post(form["arrived"])
    drain()
    assert shown().state == "refused"
    assert "not a picture" in shown().error


def test_what_is_said_to_be_there_and_is_not_is_tried_again(bucket, page):
    form = begun(page)
    page.post(form["arrived"])
    drain()
    assert shown().state == "retrying"
    post_form(form["url"], form["fields"], encoded(scene(), "PNG"))
    drain(scheduled=True, raise_errors=True)
    assert shown().state == "ready"


def test_to_say_it_twice_enqueues_once(bucket, page):
    form = begun(page)
    assert [page.post(form["arrived"]).status_code for _ in range(2)] == [202, 202]
    assert Job.objects.count() == 1


def test_a_size_that_will_not_do_is_refused_before_anything_is_sent(bucket, page):
    for size in ("", "-1", "1e3", "many", "0", "9" * 15, "9" * 40, "²"):
        response = page.post(BEGIN, {"name": "a.png", "size": size})
        assert response.status_code == 400, size
        assert response.json()["error"].endswith(".")
    assert not Picture.objects.exists()


def test_it_is_only_for_the_owner_by_post_and_with_a_token(bucket, page, owner, stranger):
    form = begun(page)
    other = Client()
    assert other.post(BEGIN, {"name": "a", "size": 1}).status_code == 302
    other.force_login(stranger)
    assert other.post(form["arrived"]).status_code == 404
    assert page.post(reverse("thumbnails:arrived", args=[uuid4()])).status_code == 404
    assert page.get(form["arrived"]).status_code == page.get(BEGIN).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(form["arrived"]).status_code == strict.post(BEGIN, {"size": 1}).status_code == 403
    assert not Job.objects.exists()


def test_a_bucket_that_is_not_told_to_takes_none(bucket, page, settings):
    assert direct.possible()
    settings.DIRECT_UPLOADS = False
    assert not direct.possible()
    assert page.post(BEGIN, {"name": "a.png", "size": 1}).status_code == 404


def test_a_local_disk_takes_none(page, settings):
    settings.DIRECT_UPLOADS = True
    assert not direct.possible()
    response = page.post(BEGIN, {"name": "a.png", "size": 1})
    assert response.status_code == 404
    assert "its own form" in response.json()["error"]


def test_without_keys_nothing_is_begun(bucket, page, settings, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    storages = bucket.storages
    del storages["default"]["OPTIONS"]["access_key"], storages["default"]["OPTIONS"]["secret_key"]
    settings.STORAGES = storages
    response = page.post(BEGIN, {"name": "a.png", "size": 1})
    assert response.status_code == 503
    assert "again in a while" in response.json()["error"]
    assert not Picture.objects.exists()


def test_what_was_not_completed_within_a_day_is_swept_with_its_file(bucket, page, add, committed):
    kept, half, late = add(), begun(page), begun(page)
    post_form(late["url"], late["fields"], b"half")
    Picture.objects.exclude(pk=half["picture"]).update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    with committed():
        begun(page)
    assert not Picture.objects.filter(pk=late["picture"]).exists()
    assert Picture.objects.filter(pk__in=[kept.pk, half["picture"]]).count() == 2
    assert bucket.names() == [str(kept.original)]
