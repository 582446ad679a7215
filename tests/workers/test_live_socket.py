"""The socket behind a live page: what it pushes, to whom, and what it makes of hostile messages."""

import pytest
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import override_settings

from tests import tasks
from tests.inviters import let_invite
from tests.live_page import LivePage, live_page, on_one_loop, socket_of, sync
from tests.live_source import EVERYTHING, Shown
from workers import events
from workers.events import owner_group
from workers.live import Source, consumer, register, sources
from workers.live.consumer import LONGEST_MESSAGE, NO_SUCH_PAGE, SIGNED_OUT, TOO_MUCH
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shown():
    made = Shown()
    made.register()
    yield made
    del sources._registered["shown"]


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name))
    return client


@pytest.fixture
def ada() -> Client:
    return signed_in("ada")


def job_of(name: str) -> Job:
    """A job of this user, of which everybody has heard that it is new."""
    job = Job.objects.get(id=tasks.note.using(owner=User.objects.get(username=name)).enqueue(name).id)
    events.broadcaster.flush(10)
    return job


@on_one_loop
async def test_everything_is_shown_at_the_start_and_again_after_a_reconnect(shown, ada):
    for _ in range(2):
        async with live_page(ada, "source=shown&page=2") as page:
            assert await page.pushed() == EVERYTHING
            assert shown.params["page"] == "2"


@on_one_loop
async def test_a_change_of_a_job_is_shown_and_nothing_else(shown, ada):
    job = await sync(job_of, "ada")
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        events.tell(job, JobState.RUNNING)
        assert await page.pushed_with(str(job.id)) == f'<p id="shown">{job.id}</p>'


@on_one_loop
async def test_a_new_job_shows_everything(shown, ada):
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        await sync(job_of, "ada")
        assert await page.pushed() == EVERYTHING


@on_one_loop
async def test_a_page_that_asked_for_it_is_shown_whole_though_its_jobs_change_all_the_time(shown, ada, monkeypatch):
    monkeypatch.setattr(consumer, "COALESCE", 0.01)
    shown.register(every=2)
    job = await sync(job_of, "ada")
    change = {"type": "jobs.changed", "jobs": [{"id": str(job.id), "new": False}]}
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        seen = []
        while EVERYTHING not in seen[1:]:
            await get_channel_layer().group_send(owner_group(job.owner), change)
            seen.append(await page.pushed())
        assert any(str(job.id) in html for html in seen)


@on_one_loop
async def test_after_one_push_the_next_gathers_what_happens_meanwhile(shown, ada, monkeypatch):
    monkeypatch.setattr(consumer, "COALESCE", 8.0)
    jobs = [await sync(job_of, "ada") for _ in range(3)]
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        for job in jobs:
            # Each a message of its own, as from as many workers.
            await get_channel_layer().group_send(
                owner_group(job.owner), {"type": "jobs.changed", "jobs": [{"id": str(job.id), "new": False}]}
            )
            await sync(Job.objects.exists)
        assert await page.pushed() == f'<p id="shown">{" ".join(str(job.id) for job in jobs)}</p>'


@on_one_loop
async def test_the_jobs_of_others_are_not_heard_of(shown, ada):
    await sync(signed_in, "eve")
    own, others = await sync(job_of, "ada"), await sync(job_of, "eve")
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        events.tell(others, JobState.RUNNING)
        events.tell(own, JobState.RUNNING)
        heard = await page.pushed_with(str(own.id))
    assert str(others.id) not in heard


@on_one_loop
async def test_an_action_is_done_answered_and_shown(shown, ada):
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
        answer = await page.send("greet", name="Bob", number=3)
        assert "Done: greet." in answer
        assert await page.pushed() == EVERYTHING
    assert shown.done == [("ada", "greet", {"name": "Bob"})]


@on_one_loop
async def test_a_refusal_is_told_in_its_own_words_and_escaped(shown, ada):
    async with live_page(ada, "source=shown") as page:
        assert "That is &lt;not&gt; possible." in await page.send("refuse")


@on_one_loop
async def test_a_fault_is_told_without_its_words_and_the_socket_goes_on(shown, ada, caplog):
    async with live_page(ada, "source=shown") as page:
        answer = await page.send("fail")
        assert "That did not work." in answer
        assert "a secret path" not in answer
        assert "Done" in await page.send("greet")
    assert "a secret path" in caplog.text


@on_one_loop
async def test_a_page_that_cannot_be_rendered_shows_everything_at_the_next_change(shown, ada, caplog):
    shown.broken = True
    job = await sync(job_of, "ada")
    async with live_page(ada, "source=shown") as page:
        # The answer comes after the first rendering, or beside it; both fail.
        await page.send("greet")
        shown.broken = False
        events.tell(job, JobState.RUNNING)
        assert await page.pushed() == EVERYTHING
    assert "could not be rendered" in caplog.text


HOSTILE = ["no json", "[]", "3", "null", '"text"', "{}", '{"action": {"$ne": 1}}', '{"action": null}', "[" * 60_000]


@pytest.mark.parametrize("message", HOSTILE)
def test_what_is_no_form_does_nothing_and_ends_nothing(shown, ada, message):
    @on_one_loop
    async def run():
        async with live_page(ada, "source=shown") as page:
            await page.socket.send_to(message)
            assert "Done: ." in await page.pushed_with("live-said")
            assert "Done: greet." in await page.send("greet")

    run()
    assert shown.done[0] == ("ada", "", {})


@pytest.mark.parametrize("message", [{"text_data": "x" * (LONGEST_MESSAGE + 1)}, {"bytes_data": b"\x00\xff"}])
def test_what_is_too_long_or_no_text_ends_the_socket(shown, ada, message):
    @on_one_loop
    async def run():
        async with live_page(ada, "source=shown") as page:
            await page.socket.send_to(**message)
            assert await page.closed() == TOO_MUCH

    run()
    assert shown.done == []


@on_one_loop
async def test_strangers_get_nothing(shown):
    async with live_page(Client(), "source=shown") as page:
        assert await page.socket.receive_output(10) == {"type": "websocket.close", "code": SIGNED_OUT}


@on_one_loop
async def test_a_page_that_does_not_exist_and_one_that_is_not_theirs_are_the_same(shown, ada):
    shown.allowed = False
    for query in ("source=shown", "source=nothing", "", "source=%FF%00"):
        async with live_page(ada, query) as page:
            assert await page.socket.receive_output(10) == {"type": "websocket.close", "code": NO_SUCH_PAGE}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver.evil.example"])
def test_a_page_of_another_site_is_not_connected(shown, ada, origin):
    @on_one_loop
    async def run():
        connected, _ = await socket_of(ada, "source=shown", origin).connect(10)
        assert not connected

    run()


async def told_to_go(page: LivePage, job: Job) -> int:
    events.tell(job, JobState.RUNNING)
    return await page.closed()


@pytest.mark.parametrize("end", ["sign out", "deactivate", "new password"])
def test_when_the_session_has_ended_nothing_more_is_shown_or_done(shown, ada, end):
    def ends() -> None:
        user = User.objects.get(username="ada")
        if end == "sign out":
            ada.logout()
        elif end == "deactivate":
            User.objects.update(is_active=False)
        else:
            user.set_password("another")
            user.save()

    @on_one_loop
    async def run():
        job = await sync(job_of, "ada")
        async with live_page(ada, "source=shown") as page, live_page(ada, "source=shown") as other:
            assert await page.pushed() == await other.pushed() == EVERYTHING
            await sync(ends)
            await page.socket.send_json_to({"action": "greet"})
            assert "You are signed out." in await page.pushed()
            assert await page.closed() == SIGNED_OUT
            events.tell(job, JobState.RUNNING)
            assert "You are signed out." in await other.pushed()
            assert await other.closed() == SIGNED_OUT

    run()
    assert shown.done == []


@on_one_loop
async def test_a_permission_that_is_withdrawn_ends_the_page(shown, ada):
    job = await sync(job_of, "ada")
    async with live_page(ada, "source=shown") as page, live_page(ada, "source=shown") as other:
        assert await page.pushed() == await other.pushed() == EVERYTHING
        shown.allowed = False
        await page.socket.send_json_to({"action": "greet"})
        events.tell(job, JobState.RUNNING)
        for each in (page, other):
            assert await each.socket.receive_output(10) == {"type": "websocket.close", "code": NO_SUCH_PAGE}
    assert shown.done == []


@pytest.mark.parametrize("kept_in", ["cookie", "session"])
def test_the_token_of_a_pushed_form_is_good_for_an_ordinary_post(shown, kept_in):
    client = Client(enforce_csrf_checks=True)
    with override_settings(CSRF_USE_SESSIONS=kept_in == "session"):
        user = User.objects.create_user("ada")
        let_invite(user)
        client.force_login(user)
        client.get("/invitations/")

        @on_one_loop
        async def run():
            async with live_page(client, "source=shown&csrf_token=forged") as page:
                await page.pushed()

        run()
        form = {"csrfmiddlewaretoken": shown.params["csrf_token"], "email": "guest@example.com"}
        assert client.post("/invitations/", form).status_code == 302
        assert client.post("/invitations/", form | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


@on_one_loop
async def test_a_browser_without_a_token_is_given_none(shown, ada):
    async with live_page(ada, "source=shown") as page:
        await page.pushed()
    assert shown.params["csrf_token"] == ""


@on_one_loop
async def test_a_source_may_be_shown_again_and_again_without_any_change(shown, ada):
    register(Source("shown", shown.render, every=0.01))
    async with live_page(ada, "source=shown") as page:
        assert [await page.pushed() for _ in range(3)] == [EVERYTHING] * 3
