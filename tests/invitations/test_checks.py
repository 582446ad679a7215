import pytest

from invitations.checks import (
    check_lifetime,
    check_mail_leaves,
    check_provider,
    check_sender,
    check_sender_address,
    providers,
)

FILES = "django.core.mail.backends.filebased.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize("name", ["mailgnu", "", "a.b", "../x"])
def test_an_unknown_provider_is_named_with_those_there_are(settings, name):
    settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
    (error,) = check_provider()
    assert error.id == "invitations.E001"
    assert repr(name) in error.msg
    assert error.hint == f"Set EMAIL_PROVIDER to one of: {', '.join(providers())}."
    assert {"mailgun", "postmark", "amazon_ses"} < set(providers())
    assert "base" not in providers()


@pytest.mark.parametrize("backend", [*(f"anymail.backends.{name}.EmailBackend" for name in providers()), SMTP, FILES])
def test_known_ways_to_send_mail_are_fine(settings, backend):
    settings.EMAIL_BACKEND = backend
    assert check_provider() == []


@pytest.mark.parametrize(
    ("backend", "debug", "ids"), [(FILES, False, ["invitations.W001"]), (FILES, True, []), (SMTP, False, [])]
)
def test_mail_that_reaches_nobody_is_warned_about_outside_debug(settings, backend, debug, ids):
    settings.EMAIL_BACKEND, settings.DEBUG = backend, debug
    assert [warning.id for warning in check_mail_leaves()] == ids


@pytest.mark.parametrize(
    ("sender", "debug", "ids"),
    [
        ("invitations@localhost", False, ["invitations.W002"]),
        ("invitations@localhost", True, []),
        ("Us <us@example.com>", False, []),
    ],
)
def test_a_sender_that_nobody_accepts_is_warned_about_outside_debug(settings, sender, debug, ids):
    settings.DEFAULT_FROM_EMAIL, settings.DEBUG = sender, debug
    assert [warning.id for warning in check_sender()] == ids


@pytest.mark.parametrize(
    ("lifetime", "reminder", "ids"),
    [(7, 2, []), (1, 0, []), (0, 0, ["invitations.E010"]), (2, 2, ["invitations.E010"]), (7, -1, ["invitations.E010"])],
)
def test_a_reminder_after_the_end_and_a_link_without_days_are_refused(settings, lifetime, reminder, ids):
    settings.INVITATIONS_LIFETIME_DAYS, settings.INVITATIONS_REMINDER_DAYS = lifetime, reminder
    assert [error.id for error in check_lifetime()] == ids


@pytest.mark.parametrize(
    ("sender", "ids"),
    [
        ("Team, Ltd <team@example.com>", ["invitations.E005"]),
        ("team@", ["invitations.E005"]),
        ("a@b@c", ["invitations.E005"]),
        ("not an address", ["invitations.E005"]),
        ("Team <team@example.com", ["invitations.E005"]),
        ("a <b@example.com>\nBcc: c@example.com", ["invitations.E005"]),
        ("", ["invitations.E005"]),
        ("us@example.com", []),
        ("invitations@localhost", []),
        ('"Team, Ltd" <team@example.com>', []),
        ("Tëam <team@example.com>", []),
    ],
)
def test_a_sender_that_is_no_address_is_told_at_the_start(settings, sender, ids):
    settings.DEFAULT_FROM_EMAIL = sender
    assert [error.id for error in check_sender_address()] == ids
