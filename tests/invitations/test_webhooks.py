"""Providers' webhooks over HTTP: real payloads, with the right secret, a wrong one and none."""

from base64 import b64encode
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from invitations import links
from invitations.inviting import send_again
from invitations.models import Invitation, ProviderEvent, Suppression, new_key
from tests.invitations.running import attempt, end_job, read
from tests.invitations.webhook_posts import KINDS, MAILGUN_KEY, PROVIDERS, REASON, SECRET, SETTINGS, postmark
from workers.models import JobState

pytestmark = [
    # Of SendGrid, which still works.
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
    pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.__name__),
]


@pytest.fixture(autouse=True)
def webhooks_are_open(settings) -> None:
    settings.ANYMAIL = settings.ANYMAIL | SETTINGS


@pytest.fixture
def sent(invitation) -> Invitation:
    attempt(invitation)
    return invitation


@pytest.mark.parametrize("kind", KINDS)
def test_what_became_of_a_mail_is_written_down_once(client, sent, provider, kind):
    states = {"delivered": "delivered", "hard": "bounced", "soft": "bounced", "complained": "complained"}
    reasons = {"hard": ["bounced"], "complained": ["complained"]}
    post = provider(sent, kind)
    for _ in range(2):
        assert post.send(client).status_code == 200
    found = read(sent)
    assert found.state == states[kind]
    assert [found.reason for found in Suppression.objects.filter(email=sent.email)] == reasons.get(kind, [])
    event = ProviderEvent.objects.get()
    assert (event.invitation, event.kind) == (sent, "bounced" if kind in {"hard", "soft"} else kind)
    if kind in {"hard", "soft"}:
        assert REASON in event.reason
        assert f"The mail did not arrive: “{event.reason}”." == found.explanation


@pytest.mark.parametrize("secret", [None, "", "anymail:wrong", "\u20ac:\u20ac", SECRET + " "])
def test_nobody_without_the_secret_is_heard(client, sent, provider, secret):
    answer = provider(sent, "hard").send(client, secret=secret)
    assert answer.status_code in {400, 401}
    assert not ProviderEvent.objects.exists()
    assert read(sent).state == "sent"


def test_without_a_secret_in_the_settings_nobody_is_heard_at_all(client, sent, provider, settings):
    for nothing in ({"MAILGUN_API_KEY": MAILGUN_KEY}, {"WEBHOOK_SECRET": []}, {"WEBHOOK_SECRET": ""}):
        settings.ANYMAIL = SETTINGS | {"WEBHOOK_SECRET": None} | nothing
        answer = provider(sent, "hard").send(client)
        assert answer.status_code == 403
        assert "WEBHOOK_SECRET" in answer.text
    assert not ProviderEvent.objects.exists()


def test_while_a_secret_is_replaced_both_are_good(client, sent, provider, settings):
    settings.ANYMAIL = SETTINGS | {"WEBHOOK_SECRET": ["anymail:the next secret", SECRET]}
    for secret in ("anymail:the next secret", SECRET):
        assert provider(sent, "delivered").send(client, secret=secret).status_code == 200


def test_news_of_a_mail_that_nobody_knows_are_answered_politely(client, sent, provider):
    stranger = Invitation(email="other@example.com", sender=sent.sender, pk=uuid4())
    for kind in KINDS:
        assert provider(stranger, kind).send(client).status_code == 200
    assert not ProviderEvent.objects.exists()
    assert not Suppression.objects.exists()


def test_news_of_the_mail_before_it_was_sent_again_change_nothing(client, sent, provider):
    late = provider(sent, "delivered")
    Invitation.objects.update(key=new_key(), sent_at=None, sending_at=None, message_id="")
    assert late.send(client).status_code == 200
    assert read(sent).delivered_at is None
    assert read(sent).sent_at is None
    assert ProviderEvent.objects.get().kind == "delivered"


def test_a_mail_that_may_have_been_sent_is_settled_by_its_news(client, invitation, provider):
    Invitation.objects.update(sending_at=timezone.now(), error="The mail may have been sent.")
    end_job(invitation, JobState.DISCARDED)
    assert read(invitation).state == "unknown"
    provider(invitation, "delivered").send(client)
    found = read(invitation)
    assert (found.state, found.error, found.sent_at) == ("delivered", "", found.sending_at)
    assert found.message_id


def test_a_mail_whose_news_came_before_the_next_try_is_not_sent_a_second_time(client, invitation, provider):
    provider(invitation, "delivered").send(client)
    assert attempt(invitation) == "already sent"


def test_no_link_is_kept_with_the_providers_words(client, sent, provider):
    post = provider(sent, "hard", f"{REASON} {links.address(sent)} \0 \ud800")
    assert post.send(client).status_code == 200
    assert links.token(sent) not in read(sent).provider_reason
    assert links.token(sent) not in ProviderEvent.objects.get().reason
    assert links.token(sent) not in Suppression.objects.get().detail


def test_mails_that_come_in_are_nothing_to_this_site(client, sent, provider):
    post = provider(sent, "delivered")
    post.path = post.path.replace("tracking", "inbound")
    assert post.send(client).status_code == 404
    post.path = "/anymail/nobody/tracking/"
    assert post.send(client).status_code == 404
    assert client.get(provider(sent, "delivered").path).status_code == 405


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", "[1]", '"x"', '{"event": [], "RecordType": {}}', "\x00"])
def test_nonsense_is_no_error_of_ours(client, sent, provider, body):
    post = provider(sent, "hard")
    headers = post.headers | {"Authorization": f"Basic {b64encode(SECRET.encode()).decode()}"}
    answer = client.post(post.path, body, content_type="application/json", headers=headers)
    assert answer.status_code in {200, 400}
    assert read(sent).state == "sent"


def test_after_a_bounce_the_inviter_is_told_and_another_address_can_be_tried(client, sent, ada, provider):
    provider(sent, "hard").send(client)
    client.force_login(ada)
    page = client.get(reverse("invitations:list")).text
    assert "The mail did not arrive" in page
    refused = client.post(reverse("invitations:send_again", args=[sent.pk]), follow=True)
    assert "No mail goes to guest@example.com any more: a mail to it bounced." in refused.text
    assert read(sent).state == "bounced"
    if provider is postmark:
        assert send_again(ada, sent.pk, "other@example.com").email == "other@example.com"
