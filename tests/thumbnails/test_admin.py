"""Staff see every picture with its renditions, state and job; they edit nothing, but can delete, rebuild and retry."""

import re
from datetime import timedelta
from itertools import product

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.thumbnails.running import make
from thumbnails.models import Picture, Rendition
from thumbnails.saving import saving
from thumbnails.state import PictureState
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = pytest.mark.django_db
LIST = "/admin/thumbnails/picture/"


def change(picture: Picture) -> str:
    return f"{LIST}{picture.pk}/change/"


def test_the_list_shows_state_owner_and_the_way_to_the_job(admin_client, add):
    picture = add(name="holiday.png")
    shown = admin_client.get(LIST, {"q": "owner", "state": "queued"}).content.decode()
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
    make(picture.pk)
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
        make(picture.pk)
    with committed():
        if way == "several":
            chosen = {"action": "delete_selected", "_selected_action": [str(each.pk) for each in pictures]}
            admin_client.post(LIST, chosen | {"post": "yes"})
        else:
            for picture in pictures:
                admin_client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"})
    assert not Picture.objects.exists()
    assert files() == []


def test_the_jobs_page_links_back_to_the_picture(admin_client, add):
    picture = add(name="holiday.png")
    page = admin_client.get(reverse("admin:workers_job_change", args=[picture.job_id])).content.decode()
    assert f'picture <a href="{change(picture)}">holiday.png</a>' in page


def clerk(client, user, *permissions: str):
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def shown_by_admin(rendition: Rendition) -> str:
    return reverse("admin:thumbnails_rendition_shown", args=[rendition.pk])


def test_every_rendition_is_shown_to_staff_who_may_view_and_to_nobody_else(client, add, stranger):
    picture = add()
    make(picture.pk)
    clerk(client, stranger, "view_picture", "view_rendition")
    page = client.get(change(picture)).text
    for rendition in picture.renditions.all():
        assert f'src="{shown_by_admin(rendition)}?v={rendition.version}"' in page
        response = client.get(shown_by_admin(rendition))
        assert response.headers["Content-Type"] == rendition.content_type
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert shown_by_admin(picture.renditions.first()) in client.get(LIST).text
    assert clerk(client, stranger, "view_user").get(shown_by_admin(rendition)).status_code == 403
    client.force_login(picture.owner)
    assert reverse("admin:login") in client.get(shown_by_admin(rendition)).url


def test_what_a_page_saves_is_told_by_the_largest_size_in_its_smallest_format():
    def made(bytes: int, side: int, density: float = 1) -> Rendition:
        return Rendition(width=side, height=side, bytes=bytes, density=density)

    renditions = [made(100, 10), made(500, 20), made(400, 20), made(900, 40, density=2)]
    assert str(saving(1600, renditions)) == "1.6\xa0KB → 400\xa0bytes (75 % saved)"
    assert saving(1600, []) is saving(0, renditions) is None


def test_the_list_says_what_is_saved(admin_client, add):
    picture = add()
    make(picture.pk)
    assert str(saving(picture.bytes, picture.renditions.all())) in admin_client.get(LIST).text


def test_the_filter_finds_what_the_pages_say(admin_client, add):
    """Every state of the job, with and without an attempt, before and after a rendering, refused or not; or no job."""
    now = timezone.now()
    for job_state, tried, rendered, error in product(
        [None, *JobState], [0, 1], [None, now - timedelta(days=1), now + timedelta(days=1)], ["", "No."]
    ):
        picture = add(b"x", f"{job_state}, {tried}, {rendered}, {error}")
        Picture.objects.filter(pk=picture.pk).update(rendered_at=rendered, error=error)
        jobs = Job.objects.filter(pk=picture.job_id)
        jobs.update(state=job_state, attempts=tried) if job_state else jobs.delete()
    pictures = list(Picture.objects.with_state())
    for state in PictureState:
        found = admin_client.get(LIST, {"state": state.value}).context["cl"].queryset
        assert {each.name for each in found} == {each.name for each in pictures if each.state is state}, state
        assert found, state
    assert admin_client.get(LIST, {"state": "junk"}).context["cl"].queryset.count() == len(pictures)


def test_the_filter_by_format_has_a_word_for_each_and_finds_what_is_rendered(admin_client, add):
    picture, _ = add(), add()
    make(picture.pk)
    shown = admin_client.get(LIST, {"format": "png"})
    assert [each.pk for each in shown.context["cl"].queryset] == [picture.pk]
    assert "?format=webp" in shown.text
    assert not re.search(r'<a href="[^"]*format=[^"]*">\s*</a>', shown.text)


def test_the_list_takes_a_fixed_number_of_queries(admin_client, add):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(LIST)
        return len(captured)

    make(add().pk)
    of_one = queries()
    for _ in range(3):
        make(add().pk)
    assert queries() == of_one


def act(client, action: str, *pictures: Picture):
    chosen = {"action": action, "_selected_action": [str(each.pk) for each in pictures]}
    return client.post(LIST, chosen, follow=True)


def test_rebuilding_renders_all_anew_and_stands_in_the_log(admin_client, add, files):
    picture, waiting = add(), add(name="waiting.png")
    make(picture.pk)
    Job.objects.filter(pk=picture.job_id).update(state=JobState.SUCCESSFUL)
    before = set(picture.renditions.values_list("pk", flat=True))
    shown = act(admin_client, "rebuild", picture, waiting).text
    assert "Rebuilding of 1 picture was asked for." in shown
    assert "Passed over 1 picture: being rendered already." in shown
    assert Picture.objects.with_state().get(pk=picture.pk).state == "queued"
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(picture.pk)]
    drain(raise_errors=True)
    assert Picture.objects.with_state().get(pk=picture.pk).state == "ready"
    assert not before & set(picture.renditions.values_list("pk", flat=True))


def test_a_refused_picture_can_be_rebuilt_and_a_failed_one_retried(admin_client, add):
    refused, failed = add(), add()
    Picture.objects.filter(pk=refused.pk).update(error="Too large.")
    Job.objects.update(state=JobState.FAILED)
    assert "Passed over 1 picture: not waiting to be tried again." in act(admin_client, "retry", refused, failed).text
    act(admin_client, "rebuild", refused)
    drain(raise_errors=True)
    assert {each.state for each in Picture.objects.with_state()} == {PictureState.READY}
    assert LogEntry.objects.count() == 2


def test_the_actions_need_the_permission_to_change_pictures(client, add, stranger):
    add()
    assert 'value="rebuild"' not in clerk(client, stranger, "view_picture").get(LIST).text
    act(client, "rebuild", Picture.objects.get())
    assert Job.objects.count() == 1
    assert 'value="rebuild"' in clerk(client, stranger, "view_picture", "change_picture").get(LIST).text
