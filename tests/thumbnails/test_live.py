"""The pages of pictures as they change by themselves, and what is done from them: over the socket, and by form."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.live_page import live_page, on_one_loop, sync
from tests.running_worker import running_worker
from tests.thumbnails.samples import encoded, scene
from tests.waiting import wait_until
from thumbnails import actions, recording, tasks
from thumbnails.live import render_list, render_picture
from thumbnails.models import Picture
from thumbnails.pages import PER_PAGE
from thumbnails.state import PictureState, explain
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.testing import drain

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "source=pictures&page=1"


@pytest.fixture
def foreign(stranger) -> Picture:
    made = actions.add(stranger, SimpleUploadedFile("x.png", encoded(scene(), "PNG")), "secret.png")
    return made


def card_of(picture: Picture) -> str:
    return f'<li id="picture-{picture.pk}"'


def page_of(picture: Picture) -> str:
    return f"source=picture&picture={picture.pk}"


def set_jobs(**fields) -> None:
    """As the runner would have left them."""
    Job.objects.update(**fields)


@on_one_loop
async def test_a_card_changes_when_its_picture_is_ready(page, add):
    picture = await sync(add)
    async with live_page(page, LIST) as live:
        assert card_of(picture) in await live.pushed()
        await sync(drain)
        card = await live.pushed_with("ready")
    assert card.startswith(card_of(picture))
    assert "<img" in card
    assert "<ul" not in card


@on_one_loop
async def test_the_page_of_a_picture_comes_to_show_its_renditions(page, add):
    picture, other = await sync(add), await sync(add)
    async with live_page(page, page_of(picture)) as live:
        assert "Renditions" not in await live.pushed()
        await sync(drain)
        shown = await live.pushed_with("Renditions")
    assert shown.startswith('<div id="picture"')
    assert str(other.pk) not in shown


@on_one_loop
async def test_everyone_is_shown_their_own_only(page, add, foreign):
    await sync(add)
    async with live_page(page, page_of(foreign)) as strange, live_page(page, LIST) as live:
        shown = await live.pushed()
        await sync(drain)
        shown += await live.pushed_with("ready")
        # An answer is the first that comes: before it nothing was shown.
        said = await strange.pushed() if await strange.socket.send_json_to({"action": "x"}) is None else ""
    assert "no such action" in said
    assert "secret.png" not in shown


@pytest.mark.parametrize("pk", ["", "x", "\0", "00000000-0000-0000-0000-000000000000"])
def test_a_picture_that_there_is_not_shows_nothing(owner, pk):
    assert render_picture(owner, {"picture": pk}, None) == ""


def test_jobs_of_others_render_nothing(owner, foreign):
    jobs = {str(foreign.job_id)}
    assert render_list(owner, {}, jobs) == render_picture(owner, {"picture": str(foreign.pk)}, jobs) == ""


def test_the_page_that_is_looked_at_is_the_one_that_is_shown(owner):
    Picture.objects.bulk_create(Picture(owner=owner, name=f"n{number}", bytes=1) for number in range(PER_PAGE + 1))
    assert render_list(owner, {"page": "1"}, None).count("<li id=") == PER_PAGE
    assert render_list(owner, {"page": "2"}, None).count("<li id=") == 1


@pytest.fixture
def unthrottled(monkeypatch):
    monkeypatch.setattr("workers.context.REPORT_EVERY", 0.0)


def test_each_rendition_is_a_step_of_the_progress_when_rendered_and_when_stored(add, unthrottled, monkeypatch):
    said = []
    monkeypatch.setattr(tasks.TaskContext, "progress", lambda context, *step: said.append(step))
    add()
    drain(raise_errors=True)
    total = 2 * 3 * 2
    assert [(done, of) for done, of, _ in said] == [(number, total) for number in range(total + 1)]
    assert said[1][2] == "rendered medium, webp"
    assert said[-1][2] == "stored small, jpeg"


def test_what_is_taken_over_from_the_same_content_has_no_progress(page, add, unthrottled, monkeypatch):
    said = []
    monkeypatch.setattr(tasks.TaskContext, "progress", lambda context, *step: said.append(step))
    add()
    drain(raise_errors=True)
    said.clear()
    add()
    drain(raise_errors=True)
    assert said == []
    # Jobs of an earlier release said 0 of 0.
    set_jobs(state=JobState.RUNNING, progress={"done": 0, "total": 0, "note": "reading the picture"})
    Picture.objects.update(rendered_at=None)
    shown = page.get("/pictures/")
    assert shown.status_code == 200
    assert "being rendered" in shown.text
    assert "<progress value" not in shown.text


def test_the_progress_is_a_bar_that_survives_a_reload_and_goes_with_the_end(page, owner, add):
    picture = add()
    set_jobs(state=JobState.RUNNING, progress={"done": 3, "total": 12, "note": "rendered <large>"})
    for shown in (page.get("/pictures/").text, page.get(picture.get_absolute_url()).text):
        assert '<progress value="3" max="12" aria-label="Rendering holiday.png">25 %</progress>' in shown
        assert "rendered &lt;large&gt;" in shown
    set_jobs(state=JobState.SCHEDULED)
    assert "<progress" not in render_list(owner, {}, None)


@on_one_loop
async def test_progress_is_pushed_while_the_picture_is_rendered(page, owner, add, unthrottled, monkeypatch):
    picture = await sync(add)
    shown = []
    async with live_page(page, LIST) as live:
        await live.pushed()
        keep = recording.keep

        def keep_after_a_look(*args):
            # What the bar shows while the picture is half done.
            shown.append(render_list(owner, {}, {str(picture.job_id)}))
            keep(*args)

        monkeypatch.setattr(recording, "keep", keep_after_a_look)
        await sync(drain)
        await live.pushed_with("ready")
    assert '<progress value="6" max="12"' in shown[0]


def test_a_retry_tells_why_and_when(page, owner, add, media):
    add()
    (media / "renditions").write_text("not a folder")
    drain()
    shown = page.get("/pictures/").text
    assert re.search(r"did not succeed: the storage .* Next try: \d+ \w+ \d{4}, \d\d:\d\d:\d\d\.", shown)
    assert str(media) not in shown, "where the files lie is not for owners"


def test_each_cause_of_a_retry_has_its_words():
    def told(**facts) -> str:
        return explain(PictureState.RETRYING, error="", **{"last_failure": AttemptKind.FAILED, **facts})

    when = timezone.now()
    assert told(next_try=when) != told()
    assert told().endswith("Next try: soon.")
    assert "too long" in told(timed_out=True)
    assert "worker was lost" in told(last_failure=AttemptKind.WORKER_LOST)


def test_a_timeout_is_told_as_one(owner, add):
    picture = add()
    set_jobs(state=JobState.SCHEDULED, attempts=1, run_after=timezone.now())
    Attempt.objects.create(job_id=picture.job_id, exception_class_path="workers.exceptions.TaskTimeout", traceback="")
    assert "took too long" in render_list(owner, {}, None)


@pytest.mark.parametrize("query", [lambda picture: LIST, page_of])
def test_cancelling_over_the_socket_ends_the_job_and_trying_again_makes_another(page, add, query):
    picture = add()

    @on_one_loop
    async def run():
        async with live_page(page, query(picture)) as live:
            await live.pushed()
            assert "The rendering of holiday.png is cancelled." in await live.send("cancel", picture=str(picture.pk))
            assert "Try again" in await live.pushed_with("cancelled")
            assert "is waiting for the worker again" in await live.send("retry", picture=str(picture.pk))
            await live.pushed_with("state-wait")

    run()
    assert sorted(Job.objects.values_list("state", flat=True)) == ["CANCELLED", "READY"]
    assert set(Job.objects.values_list("owner", flat=True)) == {str(picture.owner_id)}


@on_one_loop
async def test_what_is_ready_is_neither_cancelled_nor_tried_again(page, add):
    picture = await sync(add)
    await sync(drain)
    async with live_page(page, LIST) as live:
        assert "Nothing was cancelled: holiday.png is ready." in await live.send("cancel", picture=str(picture.pk))
        assert "is not waiting to be tried again" in await live.send("retry", picture=str(picture.pk))


@pytest.mark.parametrize("action", ["cancel", "retry"])
@pytest.mark.parametrize("whose", ["foreign", "", "no id", "00000000-0000-0000-0000-000000000000"])
def test_nothing_is_done_with_what_is_not_theirs(page, foreign, action, whose):
    set_jobs(state=JobState.FAILED if action == "retry" else JobState.READY)

    @on_one_loop
    async def run():
        async with live_page(page, LIST) as live:
            pk = str(foreign.pk) if whose == "foreign" else whose
            assert "This picture is not there any more." in await live.send(action, picture=pk)

    run()
    assert Job.objects.get().state == (JobState.FAILED if action == "retry" else JobState.READY)


def test_a_rendering_that_runs_stops_when_it_is_called_off_and_leaves_no_file(add, files, monkeypatch, options):
    options(HEARTBEAT_INTERVAL=0.1)
    picture = add()
    before = files()
    render = tasks.render_apart

    def render_once_called_off(*args, **options):
        actions.cancel(Picture.objects.get())
        wait_until(lambda: Job.objects.get().cancel_requested_by, "it is called off")
        return render(*args, **options)

    monkeypatch.setattr(tasks, "render_apart", render_once_called_off)
    monkeypatch.setattr("workers.context.REPORT_EVERY", 0.0)
    with running_worker("thumbnailer"):
        wait_until(lambda: Job.objects.get().is_finished, "it has ended", 45)
    assert Picture.objects.with_state().get(pk=picture.pk).state == "cancelled"
    assert files() == before


def test_without_the_socket_a_form_cancels(page, add):
    picture = add()
    response = page.post(reverse("thumbnails:cancel", args=[picture.pk]), follow=True)
    assert "The rendering of holiday.png is cancelled." in response.text
    assert Job.objects.get().state == JobState.CANCELLED


def test_the_form_is_for_the_owner_by_post_and_with_a_token(page, owner, add, foreign):
    mine = reverse("thumbnails:cancel", args=[add().pk])
    assert page.get(mine).status_code == 405
    assert page.post(reverse("thumbnails:cancel", args=[foreign.pk])).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(mine).status_code == 403
    assert not Job.objects.exclude(state=JobState.READY).exists()


@on_one_loop
async def test_a_picture_that_is_deleted_goes_from_the_list(page, add):
    picture = await sync(add)
    async with live_page(page, LIST) as live:
        assert card_of(picture) in await live.pushed()
        await sync(actions.remove, picture.pk)
        assert "None yet" in await live.pushed()


def test_the_pages_connect_to_what_they_show_and_work_without(page, add):
    picture = add()
    for path, query in (("/pictures/", "source=pictures&amp;page=1"), (picture.get_absolute_url(), None)):
        shown = page.get(path).text
        query = query or f"source=picture&amp;picture={picture.pk}"
        assert f'ws-connect="/live/?{query}"' in shown
        assert "<noscript>" in shown
        assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=| style=", shown)
