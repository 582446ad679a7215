"""Who may see a picture. A rule of a picture field is a callable: (request, row) -> bool."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from thumbnails.models import Picture
from thumbnails.registry import field_of, row_of

Rule = Callable[[HttpRequest, Any], bool]


def staff(request: HttpRequest, row: Any) -> bool:
    """Who may view such rows in the admin. What holds unless a field says otherwise."""
    return bool(request.user.has_perm(f"{row._meta.app_label}.view_{row._meta.model_name}"))


def signed_in(request: HttpRequest, row: Any) -> bool:
    return bool(request.user.is_authenticated)


def everyone(request: HttpRequest, row: Any) -> bool:
    return True


def may_see(request: HttpRequest, picture: Picture) -> bool:
    """An upload: its owner. A picture of another app's row: whom that field's rule lets; nobody once either is gone."""
    if not picture.field:
        return request.user.is_authenticated and picture.owner_id == request.user.pk
    field = field_of(picture)
    row = row_of(picture, field) if field else None
    return row is not None and field is not None and field.visible_to(request, row)
