"""The address that the site's mails come from, as DEFAULT_FROM_EMAIL gives it."""

from email import policy
from email.errors import HeaderParseError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

CURE = 'Set DEFAULT_FROM_EMAIL like team@example.com or "Team, Ltd" <team@example.com>, with quotes around a comma.'


def problem_with(given: str) -> str:
    """Empty when it is one address, with or without a name. Backends look at it when they send, some after a mail may
    be on its way, and some never."""
    problem = f"DEFAULT_FROM_EMAIL is {given!r}, and no address that a mail can come from."
    try:
        header = policy.default.header_factory("From", given)
        (address,) = header.addresses
        validate_email(address.addr_spec)
    except (ValidationError, ValueError, IndexError, HeaderParseError):
        return problem
    return problem if header.defects or "\n" in given or "\r" in given else ""
