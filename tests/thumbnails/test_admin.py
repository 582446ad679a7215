"""Staff read every picture's state and reach its job; they change nothing but can delete."""

import pytest
from django.urls import reverse

from thumbnails.models import Picture
from thumbnails.tasks import make_thumbnails
from workers.models import Job

pytestmark = pytest.mark.django_db
LIST = "/admin/thumbnails/picture/"


def change(picture: Picture) -> str:
    return f"{LIST}{picture.pk}/change/"


def test_the_list_shows_state_owner_and_the_way_to_the_job(admin_client, add):
    picture = add(name="holiday.png")
    shown = admin_client.get(LIST, {"q": "owner", "job__state__exact": "READY"}).content.decode()
    assert "holiday.png" in shown
    assert "waiting" in shown
    assert reverse("admin:workers_job_change", args=[picture.job_id]) in shown


def test_a_picture_whose_job_was_pruned_is_shown_without_a_link(admin_client, add):
    picture = add()
    Job.objects.all().delete()
    assert f"{picture.job_id} (gone)" in admin_client.get(LIST).content.decode()
    assert f"{picture.job_id} (gone)" in admin_client.get(change(picture)).content.decode()


def test_a_picture_shows_its_renditions_and_no_field_to_change(admin_client, add):
    picture = add()
    make_thumbnails.call(str(picture.pk))
    shown = admin_client.get(change(picture)).content.decode()
    assert "large" in shown
    assert 'name="_save"' not in shown
    assert admin_client.post(change(picture), {"name": "other"}).status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403


def test_an_error_is_shown(admin_client, add):
    Picture.objects.filter(pk=add().pk).update(error="This is no picture.")
    assert "This is no picture." in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize("way", ["one", "several"])
def test_deleting_removes_every_file(admin_client, add, files, committed, way: str):
    pictures = [add(), add()]
    for picture in pictures:
        make_thumbnails.call(str(picture.pk))
    with committed():
        if way == "several":
            chosen = {"action": "delete_selected", "_selected_action": [str(each.pk) for each in pictures]}
            admin_client.post(LIST, chosen | {"post": "yes"})
        else:
            for picture in pictures:
                admin_client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"})
    assert not Picture.objects.exists()
    assert files() == []
