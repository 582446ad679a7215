"""System checks of the chosen mail provider: what is missing is named as the environment names it."""

import pkgutil
import re
import warnings
from typing import Any

import anymail.webhooks
from anymail.exceptions import AnymailConfigurationError, AnymailNotSupportedWarning
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

PROVIDER = re.compile(r"(?:anymail|invitations)\.backends\.(\w+)\.EmailBackend")
ADDRESS = re.compile(r"https?://[\w.\[\]:-]+(?:/|$)")
NAMED = re.compile(r"ANYMAIL = \{'(\w+)'")
"""How anymail names the setting that it misses."""


def provider_of(backend: str) -> str | None:
    match = PROVIDER.fullmatch(backend)
    return match[1] if match else None


def missing_settings(backend: str) -> list[str]:
    """Which of the provider's variables anymail cannot do without, and has not got. Raises what else is wrong."""
    missing: list[str] = []
    prefix = f"{provider_of(backend)}_".upper()
    while True:
        stand_ins = {name.removeprefix(prefix).lower(): "?" for name in missing}
        try:
            with warnings.catch_warnings(action="ignore", category=AnymailNotSupportedWarning):
                import_string(backend)(**stand_ins)
        except AnymailConfigurationError as error:
            found = NAMED.search(str(error))
            if not found or found[1] in missing:
                raise
            missing.append(found[1])
        else:
            return missing


def has_webhooks(provider: str) -> bool:
    return provider in {module.name for module in pkgutil.iter_modules(anymail.webhooks.__path__)} - {"base"}


def amazon_region() -> str | None:
    """Anymail does not ask for one, and boto3 refuses the first mail without."""
    import boto3  # there with anymail's backend, and slow to load

    named = settings.ANYMAIL.get("AMAZON_SES_CLIENT_PARAMS", {}).get("region_name")
    return named or boto3.session.Session().region_name


@register(Tags.compatibility)
def check_provider_settings(**kwargs: Any) -> list[CheckMessage]:
    provider = provider_of(settings.EMAIL_BACKEND)
    if provider is None:
        return []
    try:
        missing = missing_settings(settings.EMAIL_BACKEND)
    except AnymailConfigurationError as error:
        hint = "Read what anymail's documentation says of this provider."
        return [Error(f"The mail provider {provider} cannot be used: {error}", hint=hint, id="invitations.E003")]
    except ImportError:
        return []  # check_provider says it
    if provider == "amazon_ses" and not amazon_region():
        missing.append("AMAZON_SES_REGION")
    return [
        Error(
            f"EMAIL_PROVIDER is {provider}, and {name} is not set.",
            hint=f"Set {name} to what {provider} shows in your account, then: manage.py sendtestinvite you@example.com",
            id="invitations.E002",
        )
        for name in missing
    ]


@register(Tags.compatibility)
def check_provider_addresses(**kwargs: Any) -> list[CheckMessage]:
    given = {name: str(value) for name, value in settings.ANYMAIL.items() if name.endswith("_API_URL")}
    return [
        Error(
            f"{name} is {value!r}, and no address of a mail provider.",
            hint=f"Set {name} to https://host/path as the provider documents it, or leave it out.",
            id="invitations.E006",
        )
        for name, value in given.items()
        if not ADDRESS.match(value)
    ]


@register(Tags.compatibility)
def check_webhook_secret(**kwargs: Any) -> list[CheckMessage]:
    provider = provider_of(settings.EMAIL_BACKEND)
    if settings.DEBUG or provider is None or not has_webhooks(provider) or settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return []
    return [
        Error(
            f"Nobody is told what becomes of the mails: {provider} can tell it, and WEBHOOK_SECRET is not set.",
            hint=(
                "Set WEBHOOK_SECRET to user:password, and give the provider the address "
                f"https://user:password@your-site/anymail/{provider}/tracking/"
            ),
            id="invitations.E004",
        )
    ]
