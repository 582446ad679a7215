"""The invitation's link. Its token is derived whenever it is needed and kept nowhere.

HMAC-SHA256 over the invitation's id and key, keyed by SECRET_KEY: 256 bits that neither a copy of the database nor a
job's arguments give away. While SECRET_KEY_FALLBACKS names an old secret, its links stay good.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from invitations.models import Invitation


@sensitive_variables()
def token(invitation: Invitation, secret: str | bytes | None = None) -> str:
    """43 URL-safe characters; ``secret`` replaces SECRET_KEY."""
    value = f"{invitation.pk}:{invitation.key}"
    digest = salted_hmac("invitations.link", value, secret=secret, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@sensitive_variables()
def is_token_of(invitation: Invitation, candidate: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # No generator: its frame would show them all in an error report.
    for secret in secrets:
        if candidate.isascii() and constant_time_compare(candidate, token(invitation, secret)):
            return True
    return False


@sensitive_variables()
def address(invitation: Invitation) -> str:
    """The whole address, for a mail: a worker has no request to ask where the site is."""
    return settings.SITE_URL + reverse("invitations:accept", args=[invitation.pk, token(invitation)])


def version(invitation: Invitation) -> str:
    """Another one for every new link, and nothing that leads to a link: for what is kept where no token may be."""
    return sha256(f"{invitation.pk}:{invitation.key}".encode()).hexdigest()[:32]


def is_version_of(invitation: Invitation, candidate: str) -> bool:
    return constant_time_compare(candidate, version(invitation))
