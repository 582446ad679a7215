"""Shared by the contract tests: what became of a job."""

from typing import Any

import pytest

from tests import tasks
from tests.waiting import wait_until
from workers import compat


@pytest.fixture(autouse=True)
def _fresh_tasks() -> Any:
    tasks.seen.clear()
    tasks.gate.clear()
    tasks.release.clear()
    yield
    tasks.gate.set()
    tasks.release.set()


@pytest.fixture
def finished() -> Any:
    """``finished(result)`` waits until the job has ended, and returns its fresh result."""

    def wait(result: Any, timeout: float = 10) -> Any:
        def check() -> bool:
            result.refresh()
            return bool(result.is_finished)

        wait_until(check, lambda: f"{result.task.name} has ended; it is {result.state}", timeout)
        return result

    return wait


@pytest.fixture
def heard() -> Any:
    """The results that ``task_finished`` told, in order."""
    told: list[Any] = []

    def receive(task_result: Any, **kwargs: Any) -> None:
        told.append(task_result)

    compat.task_finished.connect(receive)
    yield told
    compat.task_finished.disconnect(receive)
