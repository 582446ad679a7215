"""The task definition: Django's ``task`` decorator, plus retries, timeouts and renames."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, overload

from django.utils.module_loading import import_string

from workers import compat
from workers.backoff import Backoff, Exponential

renamed: dict[str, "Task"] = {}
"""Old import path -> the task that answers to it now; filled as modules with ``aliases=`` are imported."""

TYPED_IN = frozenset({None, "__main__", "__console__", "builtins", "django.core.management.commands.shell"})
"""Modules that another process does not have, or has without what was typed into this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(compat.Task):
    """A Django ``Task`` that also says how it may fail.

    ``max_attempts`` counts the first attempt; None takes OPTIONS["MAX_ATTEMPTS"]. ``backoff`` is asked after
    each failure. ``timeout`` is in seconds; None takes OPTIONS["TIMEOUT"]. ``aliases`` are import paths under
    which jobs enqueued before a rename still find this task. ``owner``, given to ``using()``, is the user whose live
    pages are told what happens to the job.
    """

    # Django 6.0 itself has no defaults for these two.
    priority: int = compat.DEFAULT_TASK_PRIORITY
    run_after: datetime | None = None
    max_attempts: int | None = None
    backoff: Backoff = field(default_factory=Exponential)
    timeout: float | None = None
    aliases: tuple[str, ...] = ()
    owner: str = ""

    def __post_init__(self) -> None:
        # Not super(): dataclass slots replace the class, and zero-argument super() would keep the old one.
        compat.Task.__post_init__(self)
        if self.max_attempts is not None and not (isinstance(self.max_attempts, int) and self.max_attempts >= 1):
            raise compat.InvalidTask(f"max_attempts must be a whole number from 1 up, not {self.max_attempts!r}.")
        if self.timeout is not None and not (isinstance(self.timeout, int | float) and self.timeout > 0):
            raise compat.InvalidTask(f"timeout must be a number of seconds above 0, not {self.timeout!r}.")
        if not callable(self.backoff):
            raise compat.InvalidTask(f"backoff must be callable(exception, task_result), not {self.backoff!r}.")

    def using(self, *, owner: object = None, **changes: Any) -> "Task":
        """Django's, and the owner: a user, or the key of one. An owner of "" is nobody."""
        changed = compat.Task.using(self, **changes)
        return changed if owner is None else replace(changed, owner=str(getattr(owner, "pk", owner)))

    def __reduce__(self) -> tuple[Any, ...]:
        # Django has one from 6.1 on, by a class method; Twisted, which Daphne brings, spoils the pickling of those.
        said = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "func"}
        return _declared_at, (self.module_path, said)


def refuse_unless_importable(task: compat.Task) -> None:
    """Raises InvalidTask for a task that was declared in a shell or in the program itself, where no worker finds it."""
    if task.func.__module__ in TYPED_IN:
        raise compat.InvalidTask(
            f"No worker could import {task.func.__qualname__}, because it was declared in a shell or in the program "
            "that was started. Put it into a module, such as tasks.py in an app, and import it from there."
        )


def _declared_at(path: str, said: dict[str, Any]) -> Task:
    found = import_string(path)
    return Task(func=getattr(found, "func", found), **said)


@overload
def task(function: Callable[..., Any], /) -> Task: ...
@overload
def task(
    *,
    priority: int = ...,
    queue_name: str = ...,
    backend: str = ...,
    takes_context: bool = ...,
    max_attempts: int | None = ...,
    backoff: Backoff | None = ...,
    timeout: float | None = ...,
    aliases: Sequence[str] = ...,
) -> Callable[[Callable[..., Any]], Task]: ...
def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    priority: int = compat.DEFAULT_TASK_PRIORITY,
    queue_name: str = compat.DEFAULT_TASK_QUEUE_NAME,
    backend: str = compat.DEFAULT_TASK_BACKEND_ALIAS,
    takes_context: bool = False,
    max_attempts: int | None = None,
    backoff: Backoff | None = None,
    timeout: float | None = None,
    aliases: Sequence[str] = (),
) -> Task | Callable[[Callable[..., Any]], Task]:
    """Make a task of a module-level function, sync or async. ``run_after`` is for ``.using()``.

    Works with any Tasks backend: one that knows nothing of attempts simply runs the task once.
    """

    def build(func: Callable[..., Any]) -> Task:
        built = Task(
            func=func,
            priority=priority,
            queue_name=queue_name,
            backend=backend,
            takes_context=takes_context,
            max_attempts=max_attempts,
            backoff=Exponential() if backoff is None else backoff,
            timeout=timeout,
            # A lone string would fall into its letters.
            aliases=(aliases,) if isinstance(aliases, str) else tuple(aliases),
        )
        renamed.update(dict.fromkeys(built.aliases, built))
        return built

    return build if function is None else build(function)
