"""From a path on a job's row back to its task, also when that task has moved, broken or gone."""

import sys

import pytest

from tests.workers import declared
from workers import compat, registry, results
from workers.exceptions import UnknownTask
from workers.models import Job
from workers.task import renamed

HERE = "tests.workers.declared"


@pytest.fixture(autouse=True)
def _fresh_cache():
    registry.find_as_enqueued.cache_clear()
    yield
    registry.find_as_enqueued.cache_clear()


def test_a_task_is_found_at_its_path():
    assert registry.find(f"{HERE}.plain") is declared.plain


def test_a_task_of_django_itself_is_found_too():
    found = registry.find(f"{HERE}.django_task")
    assert found is declared.django_task
    assert found.call(4) == 8


@pytest.mark.parametrize(
    ("path", "task"),
    [
        ("tests.workers.gone.renamed", "full"),
        ("tests.workers.gone.alone", "alone"),
        (f"{HERE}.now_a_function", "full"),
    ],
)
def test_a_renamed_task_answers_to_its_aliases(path, task):
    assert registry.find(path) is getattr(declared, task)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("tests.workers.nowhere.send", "ModuleNotFoundError: No module named 'tests.workers.nowhere'"),
        (f"{HERE}.nothing", 'ImportError: Module "tests.workers.declared" does not define a "nothing"'),
        ("tests.workers.broken.send", "RuntimeError: no such library"),
        (f"{HERE}.django_function", "it is a function, not a task"),
        ("nodots", "ImportError: nodots doesn't look like a module path"),
        ("", "ImportError:  doesn't look like a module path"),
        (".", "ValueError: "),
    ],
)
def test_an_unknown_path_is_told_with_its_cause_and_the_cure(path, cause):
    with pytest.raises(UnknownTask) as caught:
        registry.find(path)
    told = str(caught.value)
    assert told.startswith(f"there is no task at {path!r} ({cause}")
    assert "name the old path in @task(aliases=[…])" in told


def test_a_module_that_breaks_once_is_found_when_it_is_mended(monkeypatch):
    with pytest.raises(UnknownTask):
        registry.find_as_enqueued("tests.workers.broken.plain", 0, "default", "default")
    monkeypatch.setitem(sys.modules, "tests.workers.broken", declared)
    monkeypatch.setattr(sys.modules["tests.workers"], "broken", declared, raising=False)
    assert registry.find_as_enqueued("tests.workers.broken.plain", 0, "default", "default").call(1) == [1]


def test_an_alias_is_found_though_nobody_imported_its_module_and_another_apps_module_is_broken(
    settings, tmp_path, monkeypatch
):
    for name, source in {
        "app_a": "raise RuntimeError('broken')",
        "app_b": "from workers import task\n@task(aliases=['app_b.old.send'])\ndef send(): ...",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "tasks.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = ["app_a", *settings.INSTALLED_APPS, "app_b"]
    try:
        assert registry.find("app_b.old.send").module_path == "app_b.tasks.send"
    finally:
        renamed.pop("app_b.old.send", None)
        for name in [name for name in sys.modules if name.startswith(("app_a", "app_b"))]:
            del sys.modules[name]


def test_the_options_of_the_request_are_kept():
    found = registry.find_as_enqueued(f"{HERE}.full", -3, "send-invite", "default")
    assert (found.priority, found.queue_name, found.max_attempts) == (-3, "send-invite", 3)


def test_a_stand_in_keeps_the_path_and_says_what_is_missing():
    stand_in = registry.stand_in("app.tasks.send", "default", "default")
    assert isinstance(stand_in, compat.Task)
    assert stand_in.module_path == "app.tasks.send"
    assert stand_in.name == "send"
    with pytest.raises(UnknownTask, match=r"no task at 'app\.tasks\.send' \(it is gone\)"):
        stand_in.call(1, two=2)
    assert registry.stand_in("other.path", "default", "default").module_path == "other.path"
    assert stand_in.module_path == "app.tasks.send"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"task": "app.tasks.gone"},
        {"task": f"{HERE}.plain", "queue": "no-longer-in-queues"},
        {"task": "app.tasks.gone", "queue": "no-longer-in-queues"},
        {"task": f"{HERE}.plain", "priority": 999},
    ],
)
def test_a_job_whose_task_or_queue_is_gone_can_still_be_looked_at(fields):
    job = Job.objects.create(**fields)
    result = results.from_job(job)
    assert result.task.module_path == job.task
    assert result.task.queue_name == job.queue
    result.refresh()
    assert not result.is_finished
