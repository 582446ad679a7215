"""The mail of an invitation: subject, text and HTML from templates, and a Message-ID that a retry keeps."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from invitations import links
from invitations.models import Invitation


def compose(invitation: Invitation) -> EmailMultiAlternatives:
    """Ready to be sent. Raises ValidationError or ValueError for what must not get into a mail's headers."""
    # The form has checked it; whoever made the row otherwise may not have, and not every backend refuses a line break.
    validate_email(invitation.email)
    context = {"inviter": invitation.inviter_name, "link": links.address(invitation), "site_url": settings.SITE_URL}
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string("invitations/mail/subject.txt", context).split()),
        body=render_to_string("invitations/mail/invitation.txt", context),
        to=[invitation.email],
        headers={"Message-ID": message_id(invitation)},
    )
    message.attach_alternative(render_to_string("invitations/mail/invitation.html", context), "text/html")
    # Built once for nothing, so that a header it refuses is refused before the hand-over.
    message.message()
    return message


def message_id(invitation: Invitation) -> str:
    """The same for every try at one link, so that a mailbox may drop a double; another one after "Send again"."""
    value = f"{invitation.pk}:{invitation.key}"
    # Short enough that the header is not folded, which some servers take badly.
    name = salted_hmac("invitations.message_id", value, algorithm="sha256").hexdigest()[:32]
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def default_mailer() -> Any:
    """A new connection of the configured backend; nothing is opened yet."""
    mailers = getattr(mail, "mailers", None)  # Django 6.1 and later
    return mailers.default if mailers is not None else mail.get_connection()
