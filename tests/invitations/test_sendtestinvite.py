"""``manage.py sendtestinvite``: proves a configuration, or explains what is wrong with it."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from invitations.models import Invitation, Suppression, SuppressionReason
from invitations.suppressing import suppress
from tests.invitations.http_provider import ID, choose
from tests.servers import free_port

pytestmark = pytest.mark.django_db


def test_a_test_mail_is_sent_and_nothing_else_is_written(capsys):
    call_command("sendtestinvite", "you@example.com")
    (message,) = mail.outbox
    assert message.to == ["you@example.com"]
    assert "This is a test of this site" in message.body
    assert "Handed over to" in capsys.readouterr().out
    assert not Invitation.objects.exists()


def test_through_a_provider_it_tells_the_providers_id(settings, server, capsys):
    choose(settings, "postmark", server.url)
    call_command("sendtestinvite", "you@example.com")
    assert ID in capsys.readouterr().out


def refusal(address: str = "you@example.com") -> str:
    with pytest.raises(CommandError) as caught:
        call_command("sendtestinvite", address)
    return str(caught.value)


def test_a_wrong_key_is_explained_in_a_sentence_with_the_providers_words(settings, server):
    choose(settings, "postmark", server.url, key="wrong")
    told = refusal()
    assert told.startswith("The mail provider refused this site's own account (401).")
    assert "Bad or missing Server API token" in told


def test_an_unreachable_server_is_explained(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert refusal().startswith("The mail server could not be reached.")


def test_a_refused_address_is_explained(mail_server):
    mail_server("refuse")
    assert "No such person here" in refusal()


def test_an_address_that_is_none_or_is_closed_is_explained():
    assert refusal("nobody").startswith("No mail can be written to this address.")
    suppress("you@example.com", SuppressionReason.BOUNCED)
    assert refusal().startswith("No mail goes to you@example.com any more")
    assert Suppression.objects.count() == 1


def test_mail_that_goes_to_files_says_so(settings, tmp_path, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    call_command("sendtestinvite", "you@example.com")
    assert "reaches nobody" in capsys.readouterr().out
