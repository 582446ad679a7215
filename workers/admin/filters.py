"""Filters whose choices come from settings and code, because DISTINCT would read the whole table."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from workers import compat
from workers.backends import channels_backends


class QueueFilter(admin.SimpleListFilter):
    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        queues = dict.fromkeys(queue for backend in channels_backends() for queue in backend.queue_names)
        return [(queue, queue) for queue in queues]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(queue=self.value()) if self.value() else queryset


class TaskFilter(admin.SimpleListFilter):
    """The tasks of the apps' ``tasks`` modules; jobs of others are found by search."""

    title = _("task")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(path, path) for path in sorted({task.module_path for task in declared_tasks()})]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(task=self.value()) if self.value() else queryset


def declared_tasks() -> Iterator[compat.Task]:
    for app in apps.get_app_configs():
        if not module_has_submodule(app.module, "tasks"):
            continue
        try:
            module = import_module(f"{app.name}.tasks")
        except Exception:  # noqa: S112 - a broken module costs its choices here, and is told where its jobs fail
            continue
        yield from (value for value in vars(module).values() if isinstance(value, compat.Task))
