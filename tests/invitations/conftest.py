from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User

from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.guest import PASSWORD
from tests.invitations.http_provider import HttpProvider
from tests.invitations.mail_server import MailServer
from tests.inviters import let_invite


@pytest.fixture
def ada(db) -> User:
    user = User.objects.create_user("ada", first_name="Ada", last_name="Lovelace")
    let_invite(user)
    return user


@pytest.fixture
def invitation(ada) -> Invitation:
    return invite(ada, "guest@example.com")


@pytest.fixture
def server(monkeypatch) -> Iterator[HttpProvider]:
    """A provider's API; ``choose(settings, "postmark", server.url)`` makes it the one that is used."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = HttpProvider()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def grace(db) -> User:
    """Has the invited address, spelled her own way."""
    return User.objects.create_user("grace", "Guest@Example.COM", PASSWORD)


@pytest.fixture
def mail_server(settings) -> Iterator[Callable[[str], MailServer]]:
    """Starts an SMTP server that behaves as told, and points Django's own SMTP backend at it."""
    running: list[MailServer] = []

    def start(behaviour: str) -> MailServer:
        server = MailServer(behaviour)
        server.start()
        running.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        return server

    yield start
    for server in running:
        server.stop()
