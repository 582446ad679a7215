"""The list of invitations as it changes by itself, and what is done from its rows: over the socket, and by form."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from invitations import links
from invitations.inviting import invite
from invitations.live import render
from invitations.models import Invitation
from invitations.pages import PER_PAGE
from invitations.row_actions import ACTIONS
from tests.invitations.guest import open_link, sign_up
from tests.invitations.running import end_job, read
from tests.live_page import live_page, on_one_loop, sync
from tests.servers import free_port
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "source=invitations&page=1"
LIST = "/invitations/"


@pytest.fixture
def signed_in(client, ada) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def failed(invitation) -> Invitation:
    end_job(invitation, JobState.FAILED)
    return invitation


@pytest.fixture
def foreign() -> Invitation:
    made = invite(User.objects.create_user("grace"), "secret-guest@example.com")
    end_job(made, JobState.FAILED)
    return made


def row_of(invitation: Invitation) -> str:
    return f'<tr id="invitation-{invitation.pk}"'


@on_one_loop
async def test_a_row_changes_when_its_mail_is_sent_and_no_other_row_comes_with_it(signed_in, ada, invitation):
    other = await sync(invite, ada, "other@example.com")
    async with live_page(signed_in, PAGE) as page:
        shown = await page.pushed()
        assert shown.count("queued") == 2
        await sync(end_job, other, JobState.CANCELLED)
        await sync(drain)
        row = await page.pushed()
    assert row.startswith(row_of(invitation))
    assert ">sent<" in row
    assert "<table" not in row
    assert row_of(other) not in row


@on_one_loop
async def test_a_retry_shows_why_and_when(signed_in, invitation, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    async with live_page(signed_in, PAGE) as page:
        await page.pushed()
        await sync(drain)
        row = await page.pushed()
    assert "retrying" in row
    assert re.search(r"The mail server could not be reached\. Next try: \d+ \w+ \d{4}, \d\d:\d\d\.", row)


@on_one_loop
async def test_a_new_invitation_appears(signed_in, ada):
    async with live_page(signed_in, PAGE) as page:
        assert "None yet" in await page.pushed()
        await sync(invite, ada, "guest@example.com")
        assert "guest@example.com" in await page.pushed()


@on_one_loop
async def test_an_acceptance_appears(signed_in, invitation):
    await sync(drain)
    guest = Client()
    await sync(open_link, guest, invitation)
    async with live_page(signed_in, PAGE) as page:
        await page.pushed()
        await sync(sign_up, guest, invitation)
        assert ">accepted<" in await page.pushed()


@on_one_loop
async def test_everyone_is_shown_their_own_only(signed_in, invitation, foreign):
    async with live_page(signed_in, PAGE) as page:
        shown = await page.pushed()
        await sync(drain)
        shown += await page.pushed_with(">sent<")
    assert row_of(invitation) in shown
    assert "secret-guest" not in shown


def test_jobs_of_others_render_nothing(ada, foreign):
    assert render(ada, {}, {str(foreign.job_id)}) == ""


def test_the_page_that_is_looked_at_is_the_one_that_is_shown(ada):
    Invitation.objects.bulk_create(Invitation(sender=ada, email=f"g{n}@example.com") for n in range(PER_PAGE + 1))
    assert render(ada, {"page": "1"}, None).count("<tr id=") == PER_PAGE
    assert render(ada, {"page": "2"}, None).count("<tr id=") == 1
    for hostile in ("0", "-1", "x", "\0", "9" * 400):
        assert render(ada, {"page": hostile}, None)


def test_while_a_mail_is_sent_the_row_shows_that_it_goes_on(ada, invitation):
    end_job(invitation, JobState.RUNNING)
    assert "<progress" in render(ada, {}, None)
    end_job(invitation, JobState.READY)
    assert "<progress" not in render(ada, {}, None)


def test_a_hostile_reason_is_escaped_in_what_is_pushed(ada, invitation):
    Invitation.objects.update(error="“550 <script>alert(1)</script>”")
    end_job(invitation, JobState.DISCARDED)
    assert "<script>" not in render(ada, {}, {str(invitation.job_id)})


@on_one_loop
async def test_cancelling_from_the_row_ends_the_job_and_says_so(signed_in, invitation):
    async with live_page(signed_in, PAGE) as page:
        await page.pushed()
        answer = await page.send("cancel", invitation=str(invitation.pk))
        assert "The invitation to guest@example.com is cancelled; nothing is sent." in answer
        assert ">cancelled<" in await page.pushed_with(row_of(invitation))
    assert (await sync(Job.objects.get)).state == JobState.CANCELLED


@on_one_loop
async def test_a_mail_that_is_just_being_sent_is_asked_to_be_the_last_try(signed_in, invitation):
    await sync(end_job, invitation, JobState.RUNNING)
    async with live_page(signed_in, PAGE) as page:
        assert "is being sent at this moment" in await page.send("cancel", invitation=str(invitation.pk))
    assert (await sync(Job.objects.get)).cancel_requested_by == "ada"


@on_one_loop
async def test_what_is_sent_is_not_cancelled_any_more(signed_in, invitation):
    await sync(drain)
    async with live_page(signed_in, PAGE) as page:
        answer = await page.send("cancel", invitation=str(invitation.pk))
    assert "Nothing was cancelled: the invitation to guest@example.com is sent." in answer


@on_one_loop
async def test_sending_again_from_the_row(signed_in, failed):
    async with live_page(signed_in, PAGE) as page:
        assert "A new mail to guest@example.com is on its way" in await page.send(
            "send_again", invitation=str(failed.pk)
        )
        assert "queued" in await page.pushed_with(row_of(failed))


@on_one_loop
async def test_a_different_address_from_the_row(signed_in, failed):
    old_link = links.token(failed)
    async with live_page(signed_in, PAGE) as page:
        answer = await page.send("send_elsewhere", invitation=str(failed.pk), email="Other@Example.com ")
        assert "The invitation now goes to other@example.com" in answer
        assert "other@example.com" in await page.pushed_with(row_of(failed))
    found = await sync(read, failed)
    assert (found.email, found.state) == ("other@example.com", "queued")
    assert not links.is_token_of(found, old_link)


BAD = {
    "": "This field is required.",
    "nobody": "Enter a valid email address.",
    "a@example.com\r\nBcc: b@example.com": "Enter a valid email address.",
    "a@example.com\0": "Null characters are not allowed.",
    "taken@example.com": "You have already invited taken@example.com",
}


@pytest.mark.parametrize("address", BAD)
def test_a_different_address_is_judged_as_the_form_judges_it(signed_in, ada, failed, address):
    invite(ada, "taken@example.com")

    @on_one_loop
    async def over_the_socket():
        async with live_page(signed_in, PAGE) as page:
            assert BAD[address] in unescape(await page.send("send_elsewhere", invitation=str(failed.pk), email=address))

    over_the_socket()
    by_form = signed_in.post(reverse("invitations:send_elsewhere", args=[failed.pk]), {"email": address}, follow=True)
    assert BAD[address] in unescape(by_form.text)
    assert (read(failed).email, read(failed).state) == ("guest@example.com", "failed")
    assert Job.objects.count() == 2


@pytest.mark.parametrize("action", [*ACTIONS])
@pytest.mark.parametrize("whose", ["foreign", "", "no id", "00000000-0000-0000-0000-000000000000"])
def test_nothing_is_done_with_what_is_not_theirs(signed_in, foreign, action, whose):
    before = [Invitation.objects.values().get(), *Job.objects.values()]

    @on_one_loop
    async def run():
        async with live_page(signed_in, PAGE) as page:
            values = {"invitation": str(foreign.pk) if whose == "foreign" else whose, "email": "mine@example.com"}
            assert "This invitation is not there any more." in await page.send(action, **values)

    run()
    assert [Invitation.objects.values().get(), *Job.objects.values()] == before


@on_one_loop
async def test_an_action_that_there_is_not_is_refused(signed_in, invitation):
    async with live_page(signed_in, PAGE) as page:
        assert "no such action" in await page.send("accept", invitation=str(invitation.pk))


def address(action: str, invitation: Invitation) -> str:
    return reverse(f"invitations:{action}", args=[invitation.pk])


def test_without_the_socket_a_form_cancels(signed_in, invitation):
    answer = signed_in.post(address("cancel", invitation), follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "is cancelled; nothing is sent." in answer.text
    assert read(invitation).state == "cancelled"


def test_without_the_socket_a_form_sends_elsewhere(signed_in, failed):
    answer = signed_in.post(address("send_elsewhere", failed), {"email": "other@example.com"}, follow=True)
    assert "The invitation now goes to other@example.com" in answer.text
    drain(raise_errors=True)
    assert (read(failed).email, read(failed).state) == ("other@example.com", "sent")


@pytest.mark.parametrize("action", [*ACTIONS])
def test_the_forms_are_for_their_owner_by_post_and_with_a_token(signed_in, ada, invitation, foreign, action):
    assert signed_in.get(address(action, invitation)).status_code == 405
    assert signed_in.post(address(action, foreign), {"email": "a@example.com"}).status_code == 404
    assert Client().post(address(action, invitation)).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(address(action, invitation)).status_code == 403
    assert read(invitation).state == "queued"


def test_the_page_connects_to_its_own_part_of_the_list_and_works_without(signed_in, ada):
    Invitation.objects.bulk_create(Invitation(sender=ada, email=f"g{n}@example.com") for n in range(PER_PAGE + 1))
    shown = signed_in.get(LIST, {"page": "2"}).text
    assert 'ws-connect="/live/?source=invitations&amp;page=2"' in shown
    assert 'id="live-said" role="status"' in shown
    assert "<noscript>" in shown
    # Nothing that a strict Content-Security-Policy would refuse.
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=| style=", shown)


def test_pages_that_do_not_change_load_no_script(client, db):
    assert "<script" not in client.get("/login/").text


def test_each_button_and_field_has_an_id_so_that_the_focus_stays(ada, failed):
    invite(ada, "other@example.com")
    html = render(ada, {"csrf_token": "x" * 64}, None)
    tags = re.findall(r'<(?:button|input(?! type="hidden"))[^>]*>', html)
    assert len(tags) == 4
    ids = [re.search(r' id="([^"]+)"', tag) for tag in tags]
    assert all(ids)
    assert len({found[1] for found in ids if found}) == 4
    assert html.count('name="csrfmiddlewaretoken"') == 3


def test_a_sent_invitation_can_be_sent_again_or_revoked_and_an_accepted_one_offers_nothing(ada, invitation):
    Invitation.objects.update(sent_at=timezone.now())
    sent = render(ada, {}, None)
    assert sent.count("<form") == 2
    for action in ("send_again", "revoke"):
        assert address(action, invitation) in sent
    Invitation.objects.update(accepted_at=timezone.now())
    assert "<form" not in render(ada, {}, None)
