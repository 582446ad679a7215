"""A mail about an invitation, as delivery.py hands it over: what it says, and what it leaves on the row."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from invitations.models import Invitation, InvitationQuerySet


class Letter(ABC):
    """Handed over at most once: by a mark that is committed before, and a time that is written after. ``name``: that of
    its templates."""

    name: str

    def __init__(self, invitation: Invitation) -> None:
        self.invitation = invitation

    @property
    @abstractmethod
    def mark(self) -> datetime | None:
        """When an earlier run handed it over, of which nobody knows what became."""

    @abstractmethod
    def held(self, mark: datetime | None) -> InvitationQuerySet:
        """The row as long as it still waits for this very letter and ``mark`` is on it (None: no mark)."""

    def handed_over(self, mark: datetime) -> InvitationQuerySet:
        """The row as long as it knows of this very hand-over."""
        return self.held(mark)

    @abstractmethod
    def begun(self, mark: datetime) -> dict[str, Any]:
        """What is written before the hand-over."""

    @abstractmethod
    def taken(self, now: datetime, message_id: str) -> dict[str, Any]:
        """What is written when the mail was accepted."""

    @abstractmethod
    def failed(self, mark: datetime | None, sentence: str) -> dict[str, Any]:
        """What is written when it was not, or when nobody can know: then ``mark`` stays, else it is None."""

    @abstractmethod
    def plan(self, mark: datetime) -> None:
        """Enqueues what is to follow a mail that was handed over at ``mark``."""
