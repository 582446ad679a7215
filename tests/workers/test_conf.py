"""The OPTIONS of the backend: defaults, and what is wrong with them in a sentence with its cure."""

import pytest
from django.core.checks import run_checks

from workers.conf import MOST, Options, problems


def test_no_options_are_the_defaults():
    assert problems({}) == []
    assert Options.from_settings({}) == Options()


def test_what_is_given_is_taken():
    given = {"MAX_ATTEMPTS": 3, "TIMEOUT": 0.5, "MAX_RESCUES": 0, "HEARTBEAT_INTERVAL": 1, "HEARTBEAT_BOUND": 4}
    assert problems(given) == []
    options = Options.from_settings(given)
    assert (options.max_attempts, options.timeout, options.max_rescues) == (3, 0.5, 0)
    assert options.rescue_bound == 4 + 3 * 1


def test_the_documented_bound_of_a_rescue_is_45_seconds():
    assert Options().rescue_bound == 45


@pytest.mark.parametrize(
    ("given", "problem", "cure"),
    [
        ({"MAX_ATEMPTS": 3}, "'MAX_ATEMPTS' is not an option of the workers' backend.", "Did you mean MAX_ATTEMPTS?"),
        ({"max_attempts": 3}, "'max_attempts' is not an option", "Known are: HEARTBEAT_BOUND, "),
        ({7: 3}, "7 is not an option", "Known are: "),
        ({"MAX_ATTEMPTS": 0}, "MAX_ATTEMPTS is 0.", f"Set it to a whole number from 1 to {MOST}."),
        ({"MAX_ATTEMPTS": 2.0}, "MAX_ATTEMPTS is 2.0.", "a whole number from 1"),
        ({"MAX_ATTEMPTS": True}, "MAX_ATTEMPTS is True.", "a whole number from 1"),
        ({"MAX_ATTEMPTS": 2**31}, "MAX_ATTEMPTS is 2147483648.", "a whole number from 1"),
        ({"MAX_RESCUES": -1}, "MAX_RESCUES is -1.", "a whole number from 0"),
        ({"TIMEOUT": "60"}, "TIMEOUT is '60'.", "a number from 0.01"),
        ({"TIMEOUT": None}, "TIMEOUT is None.", "a number from 0.01"),
        ({"TIMEOUT": 0}, "TIMEOUT is 0.", "a number from 0.01"),
        ({"KEEP_FINISHED": float("inf")}, "KEEP_FINISHED is inf.", "a number from 0.01"),
        ({"POLL_INTERVAL": float("nan")}, "POLL_INTERVAL is nan.", "a number from 0.01"),
    ],
)
def test_what_is_wrong_is_told_with_its_cure_and_left_at_its_default(given, problem, cure):
    [(name, told, hint)] = problems(given)
    assert name == str(next(iter(given)))
    assert told.startswith(problem)
    assert hint.startswith(cure) or cure in hint
    assert Options.from_settings(given) == Options()


@pytest.mark.parametrize(
    "given", [{"HEARTBEAT_BOUND": 9}, {"HEARTBEAT_INTERVAL": 16}, {"HEARTBEAT_INTERVAL": 2, "HEARTBEAT_BOUND": 3.5}]
)
def test_a_bound_that_living_workers_would_break_is_refused(given):
    [(name, told, hint)] = problems(given)
    assert name == "HEARTBEAT_BOUND"
    assert "living workers are declared dead" in told
    assert hint.startswith("Set HEARTBEAT_BOUND to")


def test_the_system_check_tells_every_problem(settings):
    tasks = settings.TASKS["default"]
    settings.TASKS = {"default": tasks | {"OPTIONS": {"TIMEOUT": 0, "QUEUE": 1}}}
    found = {each.obj: each for each in run_checks(databases=[]) if each.id == "workers.E001"}
    assert set(found) == {"default.TIMEOUT", "default.QUEUE"}
    assert found["default.TIMEOUT"].msg == "TASKS['default']['OPTIONS']: TIMEOUT is 0."
    assert found["default.TIMEOUT"].hint.startswith("Set it to a number")
