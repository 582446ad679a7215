import pytest
from django.urls import reverse
from django.utils import timezone

from invitations import links
from invitations.models import Invitation
from invitations.states import InvitationState
from tests.invitations.running import end_job
from workers.models import Job, JobState

LIST = "/admin/invitations/invitation/"


def detail(invitation: Invitation) -> str:
    return reverse("admin:invitations_invitation_change", args=[invitation.pk])


def job_page(invitation: Invitation) -> str:
    return reverse("admin:workers_job_change", args=[invitation.job_id])


def test_the_list_tells_what_became_of_each_invitation_and_links_to_its_job(admin_client, invitation):
    Invitation.objects.update(error="“550 <b>nobody</b>”")
    end_job(invitation, JobState.DISCARDED, attempts=3)
    answer = admin_client.get(LIST)
    for told in ("guest@example.com", "ada", "given up", ">3<", "“550 &lt;b&gt;nobody", job_page(invitation)):
        assert told in answer.text


@pytest.mark.parametrize("state", InvitationState.values)
def test_the_list_is_filtered_by_state(admin_client, invitation, state):
    Invitation.objects.update(sent_at=timezone.now())
    found = admin_client.get(LIST, {"state": state}).context["cl"].result_count
    assert found == (1 if state == "sent" else 0)


@pytest.mark.parametrize(("text", "count"), [("guest", 1), ("ada", 1), ("nobody", 0)])
def test_the_list_is_searched_by_address_and_sender(admin_client, invitation, text, count):
    assert admin_client.get(LIST, {"q": text}).context["cl"].result_count == count


@pytest.mark.parametrize("column", range(1, 8))
def test_every_column_can_be_asked_to_sort(admin_client, invitation, column):
    assert admin_client.get(LIST, {"o": str(column)}).status_code == 200


def test_neither_key_nor_link_is_shown(admin_client, invitation):
    for page in (LIST, detail(invitation)):
        text = admin_client.get(page).text
        assert invitation.key not in text
        assert links.token(invitation) not in text


def test_the_admin_only_looks(admin_client, invitation):
    assert "guest@example.com" in admin_client.get(detail(invitation)).text
    assert admin_client.post(detail(invitation), {"email": "other@example.com"}).status_code == 403
    assert admin_client.get(reverse("admin:invitations_invitation_add")).status_code == 403
    assert admin_client.post(reverse("admin:invitations_invitation_delete", args=[invitation.pk])).status_code == 403
    assert Invitation.objects.get().email == "guest@example.com"


def test_a_pruned_job_is_not_linked(admin_client, invitation):
    Job.objects.filter(pk=invitation.job_id)._raw_delete("default")
    for page in (LIST, detail(invitation)):
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert job_page(invitation) not in answer.text


def test_the_jobs_page_links_back_to_the_invitation(admin_client, invitation):
    link = f'invitation <a href="{detail(invitation)}">guest@example.com</a>'
    assert link in admin_client.get(job_page(invitation)).text
