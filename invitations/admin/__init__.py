"""The operator's view of the invitations: to find, to look at, to steer; no invitation is edited by hand."""

from invitations.admin.batches import BatchAdmin
from invitations.admin.invitations import InvitationAdmin
from invitations.admin.suppressions import SuppressionAdmin

__all__ = ["BatchAdmin", "InvitationAdmin", "SuppressionAdmin"]
