"""What the list of invitations is filtered by."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.models import Invitation
from invitations.states import InvitationState

BUSIEST = 20
LATELY = timedelta(days=30)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return InvitationState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=self.value()) if self.value() else queryset


class BatchFilter(admin.SimpleListFilter):
    """Offers nothing by itself: the page of a batch links here."""

    title = _("batch")
    parameter_name = "batch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, _("the chosen one"))] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        try:
            return queryset.filter(batch=self.value())
        except ValidationError:
            return queryset.none()


class SenderFilter(admin.SimpleListFilter):
    """Offers those who invited most of late, and takes any: each row links to its sender's own."""

    title = _("sender")
    parameter_name = "sender"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        lately = Invitation.objects.filter(created_at__gte=timezone.now() - LATELY).order_by()
        busiest = lately.values_list("sender").annotate(count=Count("pk")).order_by("-count", "sender")[:BUSIEST]
        counts = dict(busiest)
        names = {user.pk: user.get_username() for user in get_user_model()._default_manager.filter(pk__in=counts)}
        found = [(str(pk), f"{names[pk]} ({count:,})") for pk, count in counts.items()]
        chosen = request.GET.get(self.parameter_name, "")
        # One that is not offered must still be shown as chosen; without any line Django leaves the filter out.
        return found if not chosen or chosen in dict(found) else [*found, (chosen, _("another"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        try:
            return queryset.filter(sender=self.value())
        except (ValueError, OverflowError):
            return queryset.none()
