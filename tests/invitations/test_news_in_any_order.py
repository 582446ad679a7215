"""Whatever a provider tells, in whatever order and however often: the invitation ends in the same state."""

from datetime import timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invitations.inviting import invite
from invitations.lifetime import expires_at
from invitations.mail import name_of_mail
from invitations.models import Invitation, ProviderEvent, Suppression
from invitations.provider_news import read as read_news
from invitations.provider_news import suppression
from invitations.tracking import CHANGING, MOST_EVENTS, write_down
from tests.invitations.running import end_job, read
from tests.live_page import live_page, on_one_loop, sync
from workers.models import JobState

KINDS = [value for name, value in vars(EventType).items() if name.isupper()]
REASONS = [None, *(value for name, value in vars(RejectReason).items() if name.isupper())]
START = timezone.now() - timedelta(days=1)

news: st.SearchStrategy = st.builds(
    dict,
    event_type=st.sampled_from(KINDS),
    timestamp=st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
    mta_response=st.sampled_from([None, "550 no", "451 later"]),
    reject_reason=st.sampled_from(REASONS),
)


def tell(invitation: Invitation, told: dict[str, Any], **changes: Any) -> None:
    metadata = {"invitation": str(invitation.pk), "mail": name_of_mail(invitation)}
    common = {"metadata": metadata, "recipient": "guest@example.com", "message_id": "esp-1", "esp_event": {}}
    tracking.send(object(), event=AnymailTrackingEvent(**common | told | changes), esp_name="Test")


def outcome(invitation: Invitation, order: list[dict[str, Any]]) -> list[Any]:
    """What is left after this order of news; the next starts afresh."""
    with transaction.atomic():
        for told in order:
            tell(invitation, told)
        found = read(invitation)
        left = [
            found.state,
            {name: getattr(found, name) for name in CHANGING},
            sorted(ProviderEvent.objects.values_list("event_id", "kind", "reason")),
            list(Suppression.objects.values_list("email", "reason")),
        ]
        transaction.set_rollback(True)
    return left


@given(told=st.lists(news, min_size=1, max_size=5), marked=st.booleans(), data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_order_nor_repetition_matters(invitation, told, marked, data):
    Invitation.objects.update(sending_at=START if marked else None)
    again = data.draw(st.lists(st.sampled_from(told), max_size=3))
    shuffled = data.draw(st.permutations(told + again))
    assert outcome(invitation, told) == outcome(invitation, shuffled)


RANKS = ["sent", "deferred", "delivered", "bounced", "complained"]


@given(order=st.permutations(RANKS), upto=st.integers(1, 5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_news_move_a_state_backwards(invitation, order, upto):
    with transaction.atomic():
        seen = []
        for kind in order[:upto]:
            tell(invitation, {"event_type": kind, "timestamp": START})
            seen.append(RANKS.index(read(invitation).state))
        transaction.set_rollback(True)
    assert seen == sorted(seen)
    assert seen[-1] == max(RANKS.index(kind) for kind in order[:upto])


def test_an_acceptance_is_never_undone(invitation):
    Invitation.objects.update(accepted_at=timezone.now())
    for kind in KINDS:
        tell(invitation, {"event_type": kind})
        assert read(invitation).state == "accepted"


anything = st.one_of(st.none(), st.text(), st.binary(), st.integers(), st.lists(st.text()), st.dates())


@given(
    st.fixed_dictionaries(
        {
            "event_type": st.one_of(st.sampled_from(KINDS), st.text()),
            "timestamp": st.one_of(anything, st.datetimes(), st.datetimes(timezones=st.timezones())),
            "event_id": anything,
            "metadata": st.one_of(anything, st.dictionaries(st.text(), anything)),
            "mta_response": anything,
            "description": anything,
            "message_id": anything,
            "recipient": anything,
            "esp_event": st.one_of(anything, st.dictionaries(st.sampled_from(["event", "type", "data"]), anything)),
        }
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_told_of_a_mail_nothing_is_raised(invitation, told):
    with transaction.atomic():
        tell(invitation, told)
        metadata = {"invitation": str(invitation.pk), "mail": name_of_mail(invitation)}
        tell(invitation, told | {"metadata": metadata})
        read(invitation)
        transaction.set_rollback(True)


def test_a_clock_that_is_wrong_is_not_believed(invitation):
    now = timezone.now()
    for wrong in (None, "yesterday", now + timedelta(days=400), now.replace(year=1), now.replace(tzinfo=None)):
        assert read_news(AnymailTrackingEvent(event_type="delivered", timestamp=wrong), "Test", now).happened_at == now


def test_an_endless_stream_of_openings_leaves_a_bounded_trace(invitation):
    now = timezone.now()
    common = {"event_type": "opened", "metadata": {"invitation": str(invitation.pk)}}
    for number in range(MOST_EVENTS + 5):
        write_down(read_news(AnymailTrackingEvent(event_id=str(number), **common), "Test", now))
    assert ProviderEvent.objects.count() == MOST_EVENTS


def test_without_metadata_the_providers_own_id_tells_which_mail_it_is(invitation):
    Invitation.objects.update(message_id="esp-1", sent_at=timezone.now())
    tell(invitation, {"event_type": "delivered"}, metadata={})
    assert read(invitation).state == "delivered"
    tell(invitation, {"event_type": "bounced"}, metadata={}, message_id="")
    assert read(invitation).state == "delivered"


def test_a_mail_that_arrived_although_its_hand_over_was_refused_has_a_link_that_expires(invitation):
    tell(invitation, {"event_type": "delivered", "timestamp": START})
    found = read(invitation)
    assert found.expires_at == expires_at(found.created_at), "not from a time before there was an invitation"
    Invitation.objects.update(expires_at=START)
    tell(invitation, {"event_type": "opened", "timestamp": START})
    assert read(invitation).state == "expired", "no news make a dead link live again"


@pytest.mark.parametrize(
    ("kind", "reason", "soft", "told"),
    [
        ("bounced", None, False, "bounced"),
        ("bounced", "bounced", False, "bounced"),
        ("bounced", "bounced", True, None),
        ("bounced", "invalid", False, "bounced"),
        ("bounced", "timed_out", False, None),
        ("bounced", "other", False, None),
        ("rejected", None, False, None),
        ("rejected", "invalid", False, "bounced"),
        ("rejected", "blocked", False, None),
        ("rejected", "spam", False, "complained"),
        ("rejected", "unsubscribed", False, "unsubscribed"),
        ("complained", None, True, "complained"),
        ("unsubscribed", None, False, "unsubscribed"),
        ("deferred", "other", False, None),
        ("delivered", None, False, None),
    ],
)
def test_only_what_lasts_closes_an_address(kind, reason, soft, told):
    assert suppression(kind, reason, soft) == told


@pytest.mark.django_db(transaction=True)
def test_the_inviters_page_is_told(client, ada):
    invitation = invite(ada, "guest@example.com")
    end_job(invitation, JobState.SUCCESSFUL)
    Invitation.objects.update(sent_at=timezone.now())
    client.force_login(ada)

    @on_one_loop
    async def look():
        async with live_page(client, "source=invitations&page=1") as page:
            await page.pushed()
            await sync(tell, invitation, {"event_type": "delivered"})
            assert ">delivered<" in await page.pushed_with(">delivered<")

    look()
