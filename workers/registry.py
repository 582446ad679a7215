"""From the import path on a job's row back to its task."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import FunctionType
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from workers import compat
from workers.exceptions import UnknownTask
from workers.task import Task, renamed


def find(path: str) -> compat.Task:
    """The task at ``path``, or the one that names ``path`` among its aliases. Raises UnknownTask."""
    error = None
    try:
        found = import_string(path)
    except Exception as failure:  # a module may fail to import in any way; the job must wait for the next deploy
        error, cause = failure, f"{type(failure).__name__}: {failure}"
    else:
        if isinstance(found, compat.Task):
            return found
        cause = f"it is a {type(found).__name__}, not a task"
    if path not in renamed:
        # An alias is known only once the module that declares it has been imported.
        _import_all_tasks()
    if path in renamed:
        return renamed[path]
    raise UnknownTask(path, cause) from error


@lru_cache(maxsize=1024)
def find_as_enqueued(path: str, priority: int, queue: str, backend: str) -> compat.Task:
    """The task with the options of the request, as ``.using(…)`` made it. Raises UnknownTask."""
    return find(path).using(priority=priority, queue_name=queue, backend=backend)


@lru_cache(maxsize=64)
def backend_class(alias: str) -> type:
    """The sender of Django's signals for this alias; one that left the settings has their common base. Kept, because
    ``task_backends`` builds a backend per context, and each job runs in a context of its own."""
    try:
        return type(compat.task_backends[alias])
    except ImproperlyConfigured:
        return compat.BaseTaskBackend


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn(Task):
    """A task whose code, queue or backend is gone; so nothing about it is validated."""

    def __post_init__(self) -> None:
        """Nothing."""


def stand_in(path: str, queue: str, backend: str) -> compat.Task:
    """A task to look at, for a job whose code, queue or backend is gone; without its code, running it raises
    UnknownTask."""
    try:
        func = find(path).func
    except UnknownTask:
        func = _gone(path)
    return StandIn(func=func, queue_name=queue, backend=backend)


def _gone(path: str) -> FunctionType:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise UnknownTask(path, "it is gone")

    module, _, name = path.rpartition(".")
    func = FunctionType(gone.__code__, gone.__globals__, name, None, gone.__closure__)
    func.__module__, func.__qualname__ = module, name
    return func


def _import_all_tasks() -> None:
    for app in apps.get_app_configs():
        # One app's broken module is no reason to miss another's alias; the path's own error is the one to tell.
        with suppress(Exception):
            import_module(f"{app.name}.tasks")


def _forget(**kwargs: Any) -> None:
    if kwargs["setting"] == "TASKS":
        backend_class.cache_clear()
        find_as_enqueued.cache_clear()


setting_changed.connect(_forget, dispatch_uid="workers.registry")
