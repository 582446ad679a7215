"""The focal point, by a click or by two numbers: what is cut to shape follows it, and nothing else is made anew."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.thumbnails.samples import encoded, scene
from tests.thumbnails.test_pages import said
from thumbnails.aiming import LONGEST_SIDE, aim_of
from thumbnails.focusing import OUTSIDE
from thumbnails.models import Picture
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = pytest.mark.django_db
SPECS = {"cut": {"width": 50, "height": 50, "mode": "cover"}, "whole": (300, 300), "large": (600, 600)}


@pytest.fixture
def ready(settings, add) -> Picture:
    settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": SPECS}
    add(encoded(scene(800, 400), "JPEG"))
    drain(raise_errors=True)
    return Picture.objects.with_state().get()


def address(picture: Picture) -> str:
    return reverse("thumbnails:focal_point", args=[picture.pk])


def files_by_size(picture: Picture) -> dict[str, set[str]]:
    rows = picture.renditions.values_list("name", "file")
    return {name: {file for of, file in rows if of == name} for name, _ in rows}


def test_a_click_is_measured_by_the_size_it_was_shown_in(page, ready):
    shown = page.get(ready.get_absolute_url()).text
    assert f'width="{LONGEST_SIDE}" height="{LONGEST_SIDE // 2}"' in shown
    click = {"at.x": "72", "at.y": "144", "width": str(LONGEST_SIDE), "height": str(LONGEST_SIDE // 2)}
    response = page.post(address(ready), click)
    assert response.url == f"{ready.get_absolute_url()}#focal-point"
    assert Picture.objects.get().focal == (0.25, 1.0)


def test_only_what_is_cut_is_made_anew_and_the_old_stays_until_then(page, ready):
    before = files_by_size(ready)
    assert "follows it" in said(page.post(address(ready), {"left": "10", "top": "33.4"}))
    asked = Picture.objects.with_state().get()
    assert asked.focal == (0.1, 0.334)
    assert asked.state == "queued"
    assert files_by_size(asked) == before
    assert 'cx="10%" cy="33.4%"' in page.get(asked.get_absolute_url()).text
    drain(raise_errors=True)
    after = Picture.objects.with_state().get()
    assert after.state == "ready"
    assert files_by_size(after)["whole"] == before["whole"]
    assert not files_by_size(after)["cut"] & before["cut"]


@pytest.mark.parametrize(
    "given",
    [
        {"left": "101", "top": "5"},
        {"left": "nan", "top": "5"},
        {"left": "", "top": ""},
        {},
        {"at.x": "5", "at.y": "-1", "width": "10", "height": "10"},
        {"at.x": "50", "at.y": "5", "width": "10", "height": "10"},
        {"at.x": "5", "at.y": "5", "width": "0", "height": "10"},
        {"at.x": "5"},
    ],
)
def test_what_is_no_place_in_the_picture_changes_nothing(page, ready, given):
    assert OUTSIDE in said(page.post(address(ready), given))
    assert Picture.objects.get().focal == (0.5, 0.5)
    assert Job.objects.count() == 1


def test_it_is_for_the_owner_by_post_and_with_a_token(page, client, ready, stranger):
    assert page.get(address(ready)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ready.owner)
    assert strict.post(address(ready), {"left": "1", "top": "1"}).status_code == 403
    client.force_login(stranger)
    assert client.post(address(ready), {"left": "1", "top": "1"}).status_code == 404
    assert Picture.objects.get().focal == (0.5, 0.5)


def test_it_is_asked_for_only_where_it_matters_and_there_is_something_to_click_on(page, settings, ready, add):
    aim = aim_of(ready)
    assert (aim.rendition.name, aim.rendition.format) == ("whole", "jpeg")
    assert "Focal point" not in page.get(add().get_absolute_url()).text, "not before it is rendered"
    for specs in ({"cut": SPECS["cut"]}, {"whole": SPECS["whole"]}):
        settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": specs}
        assert aim_of(ready) is None


def test_a_picture_whose_new_rendering_failed_keeps_its_thumbnails_and_can_be_tried_again(page, ready):
    page.post(address(ready), {"left": "0", "top": "0"})
    Job.objects.filter(state=JobState.READY).update(state=JobState.FAILED)
    shown = page.get("/pictures/").text
    assert "the thumbnails are as they were" in shown
    assert "<img" in shown
    page.post(reverse("thumbnails:retry", args=[ready.pk]))
    drain(raise_errors=True)
    assert Picture.objects.with_state().get().state == "ready"
