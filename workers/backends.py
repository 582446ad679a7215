"""Which of the TASKS settings are ours."""

from workers import compat
from workers.backend import ChannelsBackend
from workers.conf import Options


def channels_backends() -> list[ChannelsBackend]:
    """Every alias in TASKS that is served by ``runworker``, in the order of the settings."""
    return [backend for backend in compat.task_backends.all() if isinstance(backend, ChannelsBackend)]


def options_of(alias: str) -> Options:
    """The OPTIONS under this alias; the defaults when rows outlived the alias they were written for."""
    return next((backend.settings for backend in channels_backends() if backend.alias == alias), Options())
