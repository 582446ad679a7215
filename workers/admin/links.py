"""From a job back to what it is for: the rows of the apps that refer to it."""

from typing import NamedTuple
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

MOST = 5
"""Rows linked of each model."""

_registered: dict[type[Model], str] = {}


class Link(NamedTuple):
    """Such as "invitation ada@example.com"."""

    kind: str
    name: str
    url: str


def register(model: type[Model], field: str = "job") -> None:
    """A job's page links to the rows of ``model`` whose ``field`` is the job, a foreign key with its index.

    Called by an app's admin module. Raises FieldDoesNotExist for a field that is not there.
    """
    model._meta.get_field(field)
    _registered[model] = field


def links_to(job_id: UUID, request: HttpRequest, site: AdminSite) -> list[Link]:
    """Where this job belongs, as far as the user may see it."""
    found = []
    for model, field in _registered.items():
        if not site.is_registered(model):
            continue
        model_admin, meta = site.get_model_admin(model), model._meta
        for row in model._default_manager.filter(**{field: job_id})[:MOST]:
            if model_admin.has_view_permission(request, row):
                page = f"{site.name}:{meta.app_label}_{meta.model_name}_change"
                found.append(Link(str(meta.verbose_name), str(row), reverse(page, args=[quote(row.pk)])))
    return found
