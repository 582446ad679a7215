"""Invitations, and what is kept beside them."""

from invitations.models.batch import Batch
from invitations.models.invitation import Invitation, InvitationQuerySet, new_key
from invitations.models.normalized import normalize_email
from invitations.models.provider_event import ProviderEvent
from invitations.models.resend import Resend
from invitations.models.suppression import Suppression, SuppressionReason

__all__ = [
    "Batch",
    "Invitation",
    "InvitationQuerySet",
    "ProviderEvent",
    "Resend",
    "Suppression",
    "SuppressionReason",
    "new_key",
    "normalize_email",
]
