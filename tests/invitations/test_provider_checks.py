"""A provider is chosen by environment variables alone, and what is missing is named."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from invitations.checks import check_provider, providers
from invitations.provider_checks import (
    check_provider_addresses,
    check_provider_settings,
    check_webhook_secret,
    has_webhooks,
)
from myproject.mail_environment import email

GIVEN = {
    "amazon_ses": ["AMAZON_SES_REGION"],
    "brevo": ["BREVO_API_KEY"],
    "mailersend": ["MAILERSEND_API_TOKEN"],
    "mailgun": ["MAILGUN_API_KEY"],
    "mailjet": ["MAILJET_API_KEY", "MAILJET_SECRET_KEY"],
    "mailtrap": ["MAILTRAP_API_TOKEN"],
    "mandrill": ["MANDRILL_API_KEY"],
    "postal": ["POSTAL_API_KEY", "POSTAL_API_URL"],
    "postmark": ["POSTMARK_SERVER_TOKEN"],
    "resend": ["RESEND_API_KEY"],
    "scaleway": ["SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID"],
    "sendgrid": ["SENDGRID_API_KEY"],
    "sparkpost": ["SPARKPOST_API_KEY"],
    "unisender_go": ["UNISENDER_GO_API_KEY", "UNISENDER_GO_API_URL"],
}
SECRET = "anymail:a secret of some length"


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


def choose(settings, env: dict[str, str]) -> None:
    for name, value in email(env, settings.VAR).items():
        setattr(settings, name, value)


@pytest.mark.parametrize("provider", GIVEN)
def test_each_variable_that_a_provider_needs_is_named_while_it_is_missing(settings, provider):
    choose(settings, {"EMAIL_PROVIDER": provider} | dict.fromkeys(GIVEN[provider], ""))
    found = check_provider_settings()
    assert {error.id for error in found} == {"invitations.E002"}
    for name, error in zip(GIVEN[provider], found, strict=True):
        assert f"{name} is not set" in error.msg
        assert error.hint.startswith(f"Set {name} ")
    choose(settings, {"EMAIL_PROVIDER": provider} | dict.fromkeys(GIVEN[provider], "https://x.example"))
    assert check_provider_settings() == []


def test_every_provider_of_anymail_is_in_that_list():
    assert set(providers()) - {"sendinblue"} == set(GIVEN)


def test_an_unknown_provider_is_told_once(settings):
    choose(settings, {"EMAIL_PROVIDER": "mailgnu"})
    assert len(check_provider()) == 1
    assert check_provider_settings() == []


def test_smtp_and_files_need_no_provider(settings):
    for env in ({}, {"EMAIL_URL": "smtp+tls://u:p@h:587"}):
        choose(settings, env)
        assert check_provider_settings() == check_webhook_secret() == []


@pytest.mark.parametrize("provider", GIVEN)
def test_outside_debug_a_provider_that_can_tell_needs_a_secret(settings, provider):
    env = {"EMAIL_PROVIDER": provider} | dict.fromkeys(GIVEN[provider], "x")
    choose(settings, env)
    settings.DEBUG = False
    assert [error.id for error in check_webhook_secret()] == (["invitations.E004"] if has_webhooks(provider) else [])
    settings.DEBUG = True
    assert check_webhook_secret() == []
    choose(settings, env | {"WEBHOOK_SECRET": SECRET})
    settings.DEBUG = False
    assert check_webhook_secret() == []
    assert has_webhooks("scaleway") is False


@pytest.mark.parametrize("secret", ["short", "somebody:", ":a password of some length", "user:short", f"{SECRET},x"])
def test_a_secret_that_cannot_be_one_is_refused_and_not_repeated(settings, secret):
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_SECRET must be user:password") as caught:
        email({"EMAIL_PROVIDER": "postmark", "WEBHOOK_SECRET": secret}, settings.VAR)
    assert secret not in str(caught.value)


def test_secrets_are_replaced_without_a_gap(settings):
    env = {"EMAIL_PROVIDER": "postmark", "WEBHOOK_SECRET": f"{SECRET}, anymail:the next one is long too"}
    assert email(env, settings.VAR)["ANYMAIL"]["WEBHOOK_SECRET"] == [SECRET, "anymail:the next one is long too"]


def test_amazon_is_asked_once_and_for_ten_seconds(settings):
    env = {"EMAIL_PROVIDER": "amazon_ses", "AWS_DEFAULT_REGION": "us-east-1", "AMAZON_SES_REGION": "eu-west-1"}
    params = email(env, settings.VAR)["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"]
    assert params["region_name"] == "eu-west-1"
    assert params["config"] == {"connect_timeout": 10, "read_timeout": 10, "retries": {"total_max_attempts": 1}}


@pytest.mark.parametrize(
    ("url", "ids"),
    [("nonsense", ["invitations.E006"]), ("https://", ["invitations.E006"]), ("https://api.eu.mailgun.net/v3", [])],
)
def test_an_address_of_a_provider_that_is_none_is_told(settings, url, ids):
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": url}
    assert [error.id for error in check_provider_addresses()] == ids
