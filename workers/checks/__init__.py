"""System checks: the problem in ``msg``, the cure in ``hint``. ``ChannelsBackend.check`` adds E001, about OPTIONS."""

from importlib import import_module

from workers import compat
from workers.checks import channels, connections, database, live, metrics, queues

__all__ = ["channels", "connections", "database", "live", "metrics", "queues"]

# What calls every backend's own check(). On Django 5.2 nobody else would, without django_tasks among the apps.
import_module(f"{type(compat.task_backends).__module__}.checks")
