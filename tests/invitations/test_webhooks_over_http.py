"""The same posts as in test_webhooks.py, through a real server and a real client."""

import pytest
import requests
from django.utils import timezone

from invitations.inviting import invite
from invitations.models import Invitation, ProviderEvent
from tests.invitations.running import read
from tests.invitations.webhook_posts import PROVIDERS, SECRET, SETTINGS
from tests.inviters import let_invite

pytestmark = [
    # Of SendGrid, which still works.
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]


@pytest.mark.django_db(transaction=True)
def test_only_the_right_secret_is_heard_of_each_provider(live_server, settings, django_user_model):
    settings.ANYMAIL = settings.ANYMAIL | SETTINGS
    ada = django_user_model.objects.create_user("ada")
    let_invite(ada)
    for provider in PROVIDERS:
        sent = invite(ada, f"{provider.__name__}@example.com")
        Invitation.objects.filter(pk=sent.pk).update(sent_at=timezone.now())
        post = provider(sent, "hard")
        for secret in ("", "anymail:wrong", SECRET.upper()):
            # Amazon asks again with the secret when it is told 401.
            assert answer(live_server.url, post, secret) in {400, 401}, (provider, secret)
            assert read(sent).state == "sent"
        assert not sent.provider_events.exists()
        # As the provider does it that was given https://user:password@site/…
        assert answer(live_server.url, post, SECRET) == 200
        assert read(sent).state == "bounced"
    assert ProviderEvent.objects.count() == len(PROVIDERS) >= 6


def answer(site: str, post, secret: str) -> int:
    user, _, password = secret.partition(":")
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (user, password) if secret else None
        return session.post(site + post.path, json=post.body, headers=post.headers, timeout=10).status_code
