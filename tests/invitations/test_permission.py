"""Who may invite."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse

from invitations.batches import sending
from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.running import end_job
from tests.live_page import live_page, on_one_loop
from workers.models import Job, JobState


@pytest.fixture
def without(client, db) -> User:
    user = User.objects.create_user("grace")
    client.force_login(user)
    return user


def pages_of(user: User) -> list[str]:
    invitation = invite(user, "guest@example.com")
    end_job(invitation, JobState.FAILED)
    batch = sending.prepare(user, ["other@example.com"])
    acts = [reverse(f"invitations:{name}", args=[invitation.pk]) for name in ("send_again", "send_elsewhere", "cancel")]
    batches = [reverse(f"invitations:{name}", args=[batch.pk]) for name in ("batch", "batch_send")]
    return ["/invitations/", "/invitations/batch/", *acts, *batches]


def test_without_the_permission_every_page_says_whom_to_ask_for_it(client, without):
    for page in pages_of(without):
        for answer in (client.get(page), client.post(page, {"email": "new@example.com", "pasted": "new@example.com"})):
            assert answer.status_code == 403, page
            assert "Your account grace has no permission to invite. Ask whoever runs this site" in answer.text
    assert Invitation.objects.count() == Job.objects.count() == 1


def test_strangers_are_asked_to_sign_in(client, ada):
    for page in pages_of(ada):
        assert client.get(page).url.startswith("/login/")


def test_the_demo_account_may_invite(client, db, settings, tmp_path):
    settings.DEBUG, settings.VAR = True, tmp_path
    call_command("demo", verbosity=0)
    client.force_login(User.objects.get(username="demo"))
    assert client.get("/invitations/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("source", ["invitations", "batch"])
@on_one_loop
async def test_without_the_permission_the_socket_is_closed(client, without, source):
    async with live_page(client, f"source={source}") as page:
        assert await page.closed() == 4404
