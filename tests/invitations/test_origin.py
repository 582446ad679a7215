"""Whom a request is counted for."""

import pytest

from invitations.models import Invitation
from invitations.origin import origin


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "proxies", "found"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        # It came past a proxy, or none wrote down whom it heard.
        ("192.0.2.1", "1.1.1.1", 2, "192.0.2.1"),
        ("192.0.2.1", "", 1, "192.0.2.1"),
        ("192.0.2.1", "nonsense", 1, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9:4711", 1, "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::17]:4711", 1, "2001:db8::"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("", "", 0, None),
        ("", "<script>", 1, None),
    ],
)
def test_entries_are_counted_from_the_right(peer, forwarded_for, proxies, found):
    assert origin(peer, forwarded_for, proxies) == found


def test_an_invitation_keeps_where_it_was_invited_from(client, ada, settings):
    settings.TRUSTED_PROXIES = 1
    client.force_login(ada)
    client.post("/invitations/", {"email": "guest@example.com"}, headers={"x-forwarded-for": "1.1.1.1, 203.0.113.9"})
    assert Invitation.objects.get().origin == "203.0.113.9"
