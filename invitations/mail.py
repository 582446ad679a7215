"""The mails of an invitation: subject, text and HTML from templates, and a name that a retry keeps."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from invitations import links, sender_address, unsubscribing
from invitations.models import Invitation
from invitations.one_line import one_line
from invitations.plain_words import without_links
from invitations.unfolded import Unfolded

PLAIN_ADDRESS = re.compile(r"[\w.+%'-]+@[a-z\d.-]+", re.ASCII | re.IGNORECASE)


SUBJECTS = {"invitation": "subject.txt", "reminder": "reminder_subject.txt"}


@sensitive_variables("context", "message")
def compose(invitation: Invitation, name: str = "invitation") -> EmailMultiAlternatives:
    """Ready to be sent; ``name`` is that of its templates. Raises ValidationError or ValueError for what must not get
    into a mail's headers, and ImproperlyConfigured when the site's own address is none."""
    if problem := sender_address.problem_with(settings.DEFAULT_FROM_EMAIL):
        raise ImproperlyConfigured(f"{problem} {sender_address.CURE}")
    # The form has checked it; whoever made the row otherwise may not have, and not every backend refuses a line break.
    validate_email(invitation.email)
    subject = render_to_string(f"invitations/mail/{SUBJECTS[name]}", {"inviter": invitation.inviter_name})
    context = {
        "inviter": without_links(invitation.inviter_name),
        # The form has refused links; whoever made the row otherwise may not have.
        "note": without_links(one_line(invitation.note)),
        "link": links.address(invitation),
        "site_url": settings.SITE_URL,
        "lifetime_days": settings.INVITATIONS_LIFETIME_DAYS,
        "expires_at": invitation.expires_at,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"invitations/mail/{name}.txt", context),
        to=[invitation.email],
        reply_to=reply_to(invitation),
        headers={
            "Message-ID": message_id(invitation, name),
            "List-Unsubscribe": Unfolded("List-Unsubscribe", f"<{unsubscribing.address(invitation.email)}>"),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string(f"invitations/mail/{name}.html", context), "text/html")
    # Built once for nothing, so that a header it refuses is refused before the hand-over.
    message.message()
    return message


def reply_to(invitation: Invitation) -> list[str]:
    """The inviter's address, if it is one and cannot be read as several."""
    address = invitation.sender.email
    try:
        validate_email(address)
    except ValidationError:
        return []
    return [address] if PLAIN_ADDRESS.fullmatch(address) else []


def name_of_mail(invitation: Invitation, name: str = "invitation") -> str:
    """The same for every try at one mail; another one after "Send again". The provider's events may repeat it."""
    value = f"{invitation.pk}:{invitation.key}:{name}"
    return salted_hmac("invitations.message_id", value, algorithm="sha256").hexdigest()[:32]


def message_id(invitation: Invitation, name: str = "invitation") -> str:
    """So that a mailbox may drop a double."""
    # Short enough that the header is not folded, which some servers take badly.
    return f"<{name_of_mail(invitation, name)}@{urlsplit(settings.SITE_URL).hostname}>"


def default_mailer() -> Any:
    """A new connection of the configured backend; nothing is opened yet."""
    mailers = getattr(mail, "mailers", None)  # Django 6.1 and later
    return mailers.default if mailers is not None else mail.get_connection()
