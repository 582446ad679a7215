"""What somebody with the mail in hand does: follow its link, sign up, accept."""

from typing import Any

from django.test import Client
from django.urls import reverse

from invitations import links
from invitations.models import Invitation

ACCEPT = "/invitations/accept/"
PASSWORD = "correct horse battery"


def link_to(invitation: Invitation) -> str:
    return reverse("invitations:accept", args=[invitation.pk, links.token(invitation)])


def open_link(client: Client, invitation: Invitation) -> Any:
    """The page to which the link leads."""
    return client.get(link_to(invitation), follow=True)


def press_accept(client: Client, invitation: Invitation) -> Any:
    """On the page that is open, as one who is signed in."""
    return client.post(ACCEPT, {"invitation": str(invitation.pk)}, follow=True)


def sign_up(client: Client, invitation: Invitation, name: str = "guest", **others: str) -> Any:
    """On the page that is open, as one who is not."""
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    values = {"invitation": str(invitation.pk), "username": name} | passwords | others
    return client.post(ACCEPT, values, follow=True)
