from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from invitations import links
from invitations.inviting import accept, invite, send_again
from invitations.models import Invitation
from tests.invitations.running import end_job, read
from workers.models import Job, JobState


def test_inviting_enqueues_one_job_with_the_invitation(ada):
    invitation = invite(ada, " Guest@Example.COM ")
    assert read(invitation).state == "queued"
    assert invitation.email == "guest@example.com"
    assert Job.objects.get().pk == invitation.job_id


def test_a_rollback_takes_the_job_with_the_invitation(ada):
    with transaction.atomic():
        invite(ada, "guest@example.com")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "a@example.com\nBcc: b@example.com"])
def test_code_that_invites_cannot_pass_a_bad_address(ada, address):
    with pytest.raises(ValidationError):
        invite(ada, address)


@pytest.mark.parametrize("spelling", ["guest@example.com", "GUEST@example.com", " guest@Example.com"])
def test_an_open_invitation_is_not_repeated(ada, invitation, spelling):
    with pytest.raises(ValidationError, match=r"already invited guest@example\.com: that invitation is queued"):
        invite(ada, spelling)
    assert Job.objects.count() == 1


def test_somebody_else_may_invite_the_same_address(invitation):
    invite(User.objects.create_user("grace"), "guest@example.com")
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.DISCARDED, JobState.CANCELLED])
def test_an_address_may_be_invited_anew_when_nothing_was_sent(ada, invitation, state):
    end_job(invitation, state)
    invite(ada, "guest@example.com")


def test_an_address_may_be_invited_anew_when_it_had_accepted(ada, invitation):
    accept(invitation)
    invite(ada, "guest@example.com")


def test_an_unknown_invitation_is_still_open(ada, invitation):
    end_job(invitation, JobState.DISCARDED)
    Invitation.objects.update(sending_at=timezone.now())
    with pytest.raises(ValidationError, match="may have been sent"):
        invite(ada, "guest@example.com")


@pytest.mark.parametrize("marked", [True, False])
def test_send_again_starts_afresh_with_a_new_link(ada, invitation, marked):
    old_link, old_job = links.token(invitation), invitation.job_id
    end_job(invitation, JobState.DISCARDED)
    Invitation.objects.update(sending_at=timezone.now() if marked else None, error="it broke")
    again = send_again(ada, invitation.pk)
    found = read(invitation)
    assert not links.is_token_of(found, old_link)
    assert (found.state, found.sending_at, found.error) == ("queued", None, "")
    assert found.job_id == again.job_id != old_job


def test_a_second_click_on_send_again_sends_nothing_more(ada, invitation):
    end_job(invitation, JobState.FAILED)
    send_again(ada, invitation.pk)
    with pytest.raises(ValidationError, match=r"Nothing was sent again: .* to guest@example\.com is queued"):
        send_again(ada, invitation.pk)
    assert Job.objects.count() == 2


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED, JobState.RUNNING])
def test_what_is_on_its_way_is_not_sent_again(ada, invitation, state):
    end_job(invitation, state)
    with pytest.raises(ValidationError):
        send_again(ada, invitation.pk)


def test_nobody_sends_again_what_another_invited(invitation):
    end_job(invitation, JobState.FAILED)
    with pytest.raises(Invitation.DoesNotExist):
        send_again(User.objects.create_user("grace"), invitation.pk)


def test_send_again_respects_a_newer_invitation_to_the_same_address(ada, invitation):
    end_job(invitation, JobState.FAILED)
    invite(ada, "guest@example.com")
    with pytest.raises(ValidationError, match="already invited"):
        send_again(ada, invitation.pk)


def test_accepting_happens_once(invitation):
    assert accept(invitation) is True
    first = Invitation.objects.get().accepted_at
    assert accept(invitation) is False
    assert Invitation.objects.get().accepted_at == first


def all_at_once(action, times: int = 4) -> list:
    def run(_):
        try:
            return action()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
def test_posts_at_the_same_moment_make_one_invitation():
    ada = User.objects.create_user("ada")
    all_at_once(lambda: invite(ada, "guest@example.com"))
    assert Invitation.objects.count() == Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_send_again_once():
    ada = User.objects.create_user("ada")
    invitation = invite(ada, "guest@example.com")
    end_job(invitation, JobState.FAILED)
    results = all_at_once(lambda: send_again(ada, invitation.pk))
    assert sum(isinstance(result, Invitation) for result in results) == 1
    assert Job.objects.count() == 2
