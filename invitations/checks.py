"""System checks of the mail's settings: the problem in ``msg``, the cure in ``hint``."""

import pkgutil
from typing import Any

import anymail.backends
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from invitations.sender_address import CURE, problem_with

ANYMAIL = "anymail.backends."
NO_PROVIDERS = {"base", "base_requests", "console", "test"}


def providers() -> list[str]:
    modules = pkgutil.iter_modules(anymail.backends.__path__)
    return sorted(module.name for module in modules if module.name not in NO_PROVIDERS)


@register(Tags.compatibility)
def check_provider(**kwargs: Any) -> list[CheckMessage]:
    name = settings.EMAIL_BACKEND.removeprefix(ANYMAIL).removesuffix(".EmailBackend")
    if not settings.EMAIL_BACKEND.startswith(ANYMAIL) or name in {*providers(), *NO_PROVIDERS}:
        return []
    return [
        Error(
            f"EMAIL_PROVIDER is {name!r}, and anymail knows no such mail provider.",
            hint=f"Set EMAIL_PROVIDER to one of: {', '.join(providers())}.",
            id="invitations.E001",
        )
    ]


@register(Tags.compatibility)
def check_lifetime(**kwargs: Any) -> list[CheckMessage]:
    lifetime, reminder = settings.INVITATIONS_LIFETIME_DAYS, settings.INVITATIONS_REMINDER_DAYS
    if lifetime >= 1 and 0 <= reminder < lifetime:
        return []
    return [
        Error(
            f"An invitation's link cannot live {lifetime} days and have its reminder {reminder} days before the end.",
            hint="Set INVITATIONS_LIFETIME_DAYS to 1 or more, and INVITATIONS_REMINDER_DAYS to less, or to 0 for none.",
            id="invitations.E010",
        )
    ]


@register(Tags.compatibility, deploy=True)
def check_mail_leaves(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or not settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend"):
        return []
    return [
        Warning(
            "Invitations are written to files and reach nobody, although DEBUG is off.",
            hint="Set EMAIL_PROVIDER and that provider's key, or EMAIL_URL=smtp+tls://user:password@host:587.",
            id="invitations.W001",
        )
    ]


@register(Tags.compatibility)
def check_sender_address(**kwargs: Any) -> list[CheckMessage]:
    problem = problem_with(settings.DEFAULT_FROM_EMAIL)
    return [Error(problem, hint=CURE, id="invitations.E005")] if problem else []


@register(Tags.compatibility, deploy=True)
def check_sender(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or not settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return []
    return [
        Warning(
            f"Invitations are sent from {settings.DEFAULT_FROM_EMAIL}, which mail servers and providers refuse.",
            hint="Set DEFAULT_FROM_EMAIL to an address of yours that the mail provider knows.",
            id="invitations.W002",
        )
    ]
