"""A pytest plugin: marks with ``anywhere`` the tests of the apps and the project that touch neither the database nor
the layer that the tests run on. They say the same on each, so they run on one of them only. A test that brings its own
says so itself. The runner's own may use the layer without any fixture that tells, and are not marked here."""

import pytest

MARKS = ("django_db", "contract", "processes")
FIXTURES = {"db", "transactional_db", "live_server", "site", "crew"}
RUNNER = "tests/workers"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marked = any(item.get_closest_marker(name) for name in MARKS)
        if not (marked or RUNNER in item.path.as_posix() or FIXTURES & set(getattr(item, "fixturenames", ()))):
            item.add_marker("anywhere")
