"""Every time of an invitation's life, in its order, on the inviter's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from invitations.models import Invitation
from invitations.times import NAMED

NOW = timezone.now()
DAY = timedelta(days=1)


def shown(email: str = "guest@example.com") -> list[str]:
    return [str(name) for name, at in Invitation.objects.with_state().get(email=email).times]


def test_all_that_happened_is_told_in_the_order_of_time(invitation):
    times = {field: NOW - DAY * number for number, field in enumerate(NAMED)}
    Invitation.objects.update(**times, expires_at=NOW + DAY)
    assert shown() == [str(name) for name in reversed(NAMED.values())]


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"sent_at": NOW - DAY, "expires_at": NOW + DAY}, "expires"),
        ({"sent_at": NOW - 9 * DAY, "expires_at": NOW - DAY}, "expired"),
        ({"accepted_at": NOW + DAY, "expires_at": NOW - DAY}, "accepted"),
        ({"revoked_at": NOW + DAY, "expires_at": NOW + DAY}, "revoked"),
        ({"bounced_at": NOW + DAY, "expires_at": NOW + 2 * DAY}, "expires"),
        ({}, "invited"),
    ],
)
def test_the_end_of_the_link_is_told_while_it_matters(invitation, values, end):
    Invitation.objects.update(**values)
    assert shown()[-1] == end


def test_the_page_tells_the_times_the_reason_and_who_accepted(client, ada, invitation, grace):
    client.force_login(ada)
    Invitation.objects.update(sent_at=NOW, deferred_at=NOW, reminded_at=NOW, provider_reason="451 <later>")
    page = client.get("/invitations/").text
    for told in ("<span>delayed</span>", "<span>reminded</span>", "451 &lt;later&gt;", 'aria-label="Revoke'):
        assert told in page
    Invitation.objects.update(accepted_at=NOW, accepted_by=grace)
    assert "by grace" in client.get("/invitations/").text


def test_a_mail_called_spam_leaves_a_link_that_can_be_revoked(client, ada, invitation):
    client.force_login(ada)
    Invitation.objects.update(sent_at=NOW, complained_at=NOW)
    page = client.get("/invitations/").text
    assert 'aria-label="Revoke' in page
    assert 'aria-label="Send again' not in page
    client.post(f"/invitations/{invitation.pk}/revoke/")
    assert shown()[-1] == "revoked"
