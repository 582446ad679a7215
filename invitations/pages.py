"""One page of an inviter's own invitations, for the view and for the socket alike."""

from typing import Any

from django.core.paginator import Page, Paginator

from invitations.models import Invitation

PER_PAGE = 50


def page_of(sender: Any, number: object) -> Page:
    """The newest first; a number that is none gives the first page, and one too high the last."""
    own = Invitation.objects.with_state().filter(sender=sender).select_related("accepted_by")
    return Paginator(own, PER_PAGE).get_page(number)  # type: ignore[arg-type]
