"""How mail leaves, read from the environment: the part of environment.py that names the providers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

Environment = Mapping[str, str]


def email(env: Environment, var: Path) -> dict[str, Any]:
    """EMAIL_PROVIDER (an anymail backend's name), else EMAIL_URL (SMTP), else files under ``var/mail``.

    The provider's own variables go to anymail as they are named there: with EMAIL_PROVIDER=mailgun,
    MAILGUN_API_KEY, or ANYMAIL_MAILGUN_API_KEY. An empty one counts as missing.
    """
    settings: dict[str, Any] = {"EMAIL_TIMEOUT": 10, "ANYMAIL": {"REQUESTS_TIMEOUT": 10}}
    if provider := env.get("EMAIL_PROVIDER", "").strip().lower():
        app = "invitations" if provider in {"resend", "brevo"} else "anymail"
        settings["EMAIL_BACKEND"] = f"{app}.backends.{provider}.EmailBackend"
        prefix = provider.upper() + "_"
        for name, value in env.items():
            if value and name.startswith(("ANYMAIL_", prefix)):
                settings["ANYMAIL"][name.removeprefix("ANYMAIL_")] = value
        if provider == "amazon_ses":
            settings["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"] = amazon_ses(env)
        given = env.get("WEBHOOK_SECRET") or settings["ANYMAIL"].get("WEBHOOK_SECRET", "")
        if secrets := webhook_secrets(given):
            settings["ANYMAIL"]["WEBHOOK_SECRET"] = secrets
    elif url := env.get("EMAIL_URL", ""):
        try:
            settings |= environ.Env.email_url_config(url)
        except Exception:
            # The parser's own words may hold the password.
            raise ImproperlyConfigured(
                "EMAIL_URL cannot be read. Set it like smtp+tls://user:password@host:587"
            ) from None
        settings.pop("EMAIL_FILE_PATH", None)
    else:
        settings |= {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": var / "mail",
        }
    return settings


def amazon_ses(env: Environment) -> dict[str, Any]:
    """What boto3's client is made with. For what is not named here boto3 looks in its own places, such as
    AWS_ACCESS_KEY_ID and AWS_DEFAULT_REGION."""
    # One try each: boto3 would repeat a mail whose answer timed out, up to five times, without asking.
    config = {"connect_timeout": 10, "read_timeout": 10, "retries": {"total_max_attempts": 1}}
    names = {
        "aws_access_key_id": "AMAZON_SES_ACCESS_KEY_ID",
        "aws_secret_access_key": "AMAZON_SES_SECRET_ACCESS_KEY",
        "endpoint_url": "AMAZON_SES_ENDPOINT_URL",
        "region_name": "AMAZON_SES_REGION",
    }
    given = {option: env[name] for option, name in names.items() if env.get(name)}
    return {"config": config} | given


def webhook_secrets(given: str) -> list[str]:
    """``user:password``, or several separated by commas while one replaces the other."""
    secrets = [secret.strip() for secret in given.split(",") if secret.strip()]
    for secret in secrets:
        user, _, password = secret.partition(":")
        if not user or len(password) < 16:
            raise ImproperlyConfigured(
                "WEBHOOK_SECRET must be user:password with a password of at least 16 characters. Make one: "
                "python -c \"import secrets; print('anymail:' + secrets.token_urlsafe(24))\""
            )
    return secrets
