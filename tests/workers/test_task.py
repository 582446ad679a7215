"""Declaring a task: what it may say, and what it is told when it may not."""

import importlib
import pickle

import pytest
from django.core.management.commands import shell
from django.utils import timezone

from tests.workers import declared
from workers import Constant, Exponential, Retry, compat, enqueue_many, task

IMMEDIATE = "django.tasks.backends.immediate.ImmediateBackend"
DUMMY = "django.tasks.backends.dummy.DummyBackend"


def path(backend):
    return backend if compat.Task.__module__.startswith("django.tasks") else backend.replace("django.t", "django_t")


@pytest.fixture
def backend(settings):
    def use(dotted):
        settings.TASKS = {"default": {"BACKEND": path(dotted), "QUEUES": []}}
        return compat.task_backends["default"]

    return use


def test_a_bare_task_says_nothing_of_its_own():
    plain = declared.plain
    assert isinstance(plain, compat.Task)
    assert (plain.max_attempts, plain.timeout, plain.aliases, plain.backoff) == (None, None, (), Exponential())
    assert (plain.priority, plain.queue_name, plain.backend, plain.takes_context) == (0, "default", "default", False)
    assert plain.call(1, 2) == [1, 2]


def test_using_changes_what_is_named_and_keeps_the_rest():
    full = declared.full
    other = full.using(priority=7, queue_name="send-invite")
    assert (other.priority, other.queue_name) == (7, "send-invite")
    assert (other.max_attempts, other.backoff, other.timeout) == (3, Constant(1), 2.5)
    assert other.aliases == full.aliases
    assert type(other) is type(full)
    assert (full.priority, full.queue_name) == (5, "thumbnailer"), "the task itself stays as it was"


@pytest.mark.parametrize(
    "it",
    [
        declared.plain,
        declared.coroutine,
        declared.full,
        declared.full.using(priority=7, queue_name="send-invite", run_after=timezone.now()),
        task(max_attempts=2)(declared.django_function),
    ],
    ids=["plain", "coroutine", "full", "used otherwise", "not named in its module"],
)
def test_a_task_comes_out_of_a_pickle_as_it_went_in(it):
    # Beside Twisted too, which changes how methods are pickled, and comes with Daphne.
    assert importlib.import_module("twisted.persisted.styles")
    assert pickle.loads(pickle.dumps(it)) == it  # noqa: S301


def test_a_lone_alias_does_not_fall_into_its_letters():
    assert declared.alone.aliases == ("tests.workers.gone.alone",)


@pytest.mark.parametrize("fine", [{"max_attempts": 1}, {"timeout": 0.1}, {"timeout": float("inf")}, {"backoff": None}])
def test_sound_options_are_taken(fine):
    assert task(**fine)(declared.django_function)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_attempts": 0}, "max_attempts must be a whole number from 1 up, not 0"),
        ({"max_attempts": 1.5}, "max_attempts must be a whole number from 1 up, not 1.5"),
        ({"max_attempts": "3"}, "max_attempts must be a whole number from 1 up, not '3'"),
        ({"timeout": 0}, "timeout must be a number of seconds above 0, not 0"),
        ({"timeout": float("nan")}, "timeout must be a number of seconds above 0, not nan"),
        ({"timeout": "5"}, "timeout must be a number of seconds above 0, not '5'"),
        ({"backoff": 5}, r"backoff must be callable\(exception, task_result\), not 5"),
        ({"priority": 101}, "priority must be a whole number between -100 and 100"),
        ({"queue_name": "nobody"}, "nobody"),
        ({"takes_context": True}, "context"),
    ],
)
def test_unsound_options_are_refused_in_a_sentence(options, sentence):
    with pytest.raises(compat.InvalidTask, match=sentence):
        task(**options)(declared.django_function)


def test_only_a_function_of_a_module_can_be_a_task():
    with pytest.raises(compat.InvalidTask, match="module level"):
        task(declared.not_at_module_level())


def test_run_after_belongs_to_using():
    with pytest.raises(TypeError, match="run_after"):
        task(run_after=None)


@pytest.mark.parametrize(
    ("it", "args", "value"),
    [(declared.plain, (1, "a"), [1, "a"]), (declared.coroutine, (1,), 2), (declared.with_context, (), 1)],
)
def test_our_tasks_run_under_the_immediate_backend(backend, it, args, value):
    backend(IMMEDIATE)
    result = it.enqueue(*args)
    assert result.status == compat.TaskResultStatus.SUCCESSFUL
    assert result.return_value == value
    assert result.attempts == 1


def test_our_tasks_wait_under_the_dummy_backend(backend):
    dummy = backend(DUMMY)
    result = declared.full.using(priority=0).enqueue()
    assert result.status == compat.TaskResultStatus.READY
    assert dummy.get_result(result.id).task.max_attempts == 3


@pytest.mark.parametrize("dotted", [IMMEDIATE, DUMMY])
def test_a_task_is_declared_for_any_backend_and_keeps_what_it_says(backend, dotted):
    backend(dotted)
    built = task(max_attempts=4, timeout=9)(declared.django_function)
    assert (built.max_attempts, built.timeout) == (4, 9)
    assert built.call(2) == 4


def test_seconds_given_to_retry_as_a_reason_are_refused_with_the_cure():
    with pytest.raises(TypeError, match=r"Retry\(after=30\)"):
        Retry(30)


@pytest.mark.django_db
@pytest.mark.parametrize("typed_into", [{}, {"__name__": "__main__"}, vars(shell)], ids=["console", "program", "shell"])
def test_a_task_typed_into_a_shell_is_refused_when_it_is_enqueued(typed_into, django_assert_num_queries):
    typed_into = dict(typed_into)
    exec("from workers import task\n@task\ndef typed(): pass", typed_into)  # noqa: S102
    with django_assert_num_queries(0):
        with pytest.raises(compat.InvalidTask, match=r"No worker could import typed.*Put it into a module"):
            typed_into["typed"].enqueue()
        with pytest.raises(compat.InvalidTask, match="No worker could import typed"):
            enqueue_many(typed_into["typed"], [((), {})])
