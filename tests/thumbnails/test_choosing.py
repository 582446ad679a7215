"""Several pictures at once: tried again, or deleted when that was confirmed."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.thumbnails.test_pages import said
from thumbnails.models import Picture
from thumbnails.pages import PER_PAGE
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db
CHOSEN = "/pictures/chosen"


def choose(client: Client, action: str, *pictures: Picture, **fields: str):
    return client.post(CHOSEN, {"action": action, "picture": [str(each.pk) for each in pictures], **fields})


def test_those_that_failed_are_tried_again_and_the_others_counted(page, add):
    failed, cancelled, waiting = add(), add(), add()
    Job.objects.filter(pk=failed.job_id).update(state=JobState.FAILED)
    Job.objects.filter(pk=cancelled.job_id).update(state=JobState.CANCELLED)
    told = said(choose(page, "retry", failed, cancelled, waiting))
    assert "2 pictures are waiting for the worker again." in told
    assert "1 picture is not waiting to be tried again." in told
    assert Job.objects.filter(state=JobState.READY).count() == 3


def test_nothing_is_deleted_before_it_was_confirmed(page, add, files, committed):
    one, other, kept = add(name="one.png"), add(name="<b>other</b>.png"), add(name="kept.png")
    asked = choose(page, "delete", one, other, page="2").text
    assert "Delete 2 pictures?" in asked
    assert "<li>&lt;b&gt;other&lt;/b&gt;.png</li>" in asked
    assert Picture.objects.count() == 3
    with committed():
        response = choose(page, "delete", one, other, page="2", confirmed="1")
    assert response.url == "/pictures/?page=2"
    assert "2 pictures are deleted." in said(response)
    assert list(Picture.objects.all()) == [kept]
    assert files() == [str(kept.original)]


def test_those_of_others_and_those_that_are_gone_are_passed_over(client, stranger, add):
    mine = add()
    client.force_login(stranger)
    for action in ("delete", "retry"):
        response = client.post(CHOSEN, {"action": action, "picture": [str(mine.pk), "junk"], "confirmed": "1"})
        assert "Choose at least one picture." in said(response)
    assert Picture.objects.get() == mine


def test_what_the_page_does_not_send_is_refused(page, client, add):
    picture = add()
    assert choose(page, "explode", picture).status_code == 400
    assert choose(page, "delete", *[picture] * (PER_PAGE + 1), confirmed="1").status_code == 400
    assert choose(page, "retry", picture, page="junk").url == "/pictures/"
    assert page.get(CHOSEN).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(picture.owner)
    assert choose(strict, "delete", picture, confirmed="1").status_code == 403
    client.logout()
    assert reverse("login") in choose(client, "delete", picture, confirmed="1").url
    assert Picture.objects.exists()


def test_a_single_one_is_asked_about_and_leads_back_to_the_page_it_was_on(page, add):
    picture = add(name="one.png")
    asked = page.get(reverse("thumbnails:delete", args=[picture.pk]), {"page": "3"}).text
    assert "Delete one.png?" in asked
    assert 'name="page" value="3"' in asked
    response = page.post(reverse("thumbnails:delete", args=[picture.pk]), {"page": "3"})
    assert response.url == "/pictures/?page=3"
    assert "one.png and its thumbnails are deleted." in said(response)
