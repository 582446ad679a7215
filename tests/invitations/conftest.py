from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User

from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.mail_server import MailServer


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_user("ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def invitation(ada) -> Invitation:
    return invite(ada, "guest@example.com")


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
