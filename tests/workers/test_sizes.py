"""From the command line and the environment to what ``runworker`` starts."""

import re

import pytest
from django.core.management.base import CommandParser

from workers.management.commands.runworker import Command
from workers.management.sizes import Sizes
from workers.recycling import Limits

VARIABLES = ("PROCESSES", "CONCURRENCY", "GRACE", "MAX_JOBS", "MAX_MEMORY")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(f"WORKER_{name}", raising=False)


def chosen(*words: str) -> Sizes:
    parser = CommandParser()
    parser.add_argument("channels", nargs="*")
    Sizes.add_arguments(parser)
    return Sizes.chosen(vars(parser.parse_args(words)))


def test_the_defaults():
    assert chosen() == Sizes(processes=1, concurrency=None, grace=25.0, limits=Limits(None, None))


def test_the_environment_goes_before_the_defaults_and_the_command_line_before_both(monkeypatch):
    for name, value in zip(VARIABLES, ("2", "8", "0", "1000", "400"), strict=True):
        monkeypatch.setenv(f"WORKER_{name}", value)
    assert chosen() == Sizes(2, 8, 0.0, Limits(1000, 400))
    given = ["--processes", "3", "--concurrency", "9", "--grace", "1.5", "--max-jobs", "5", "--max-memory", "100"]
    assert chosen(*given) == Sizes(3, 9, 1.5, Limits(5, 100))


def test_limits_of_all_queues_go_before_the_environment(monkeypatch):
    monkeypatch.setenv("WORKER_CONCURRENCY", "8")
    assert chosen("a:2", "b:3").concurrency is None
    assert chosen("a:2", "b").concurrency == 8
    assert chosen("a:2", "b:3", "--concurrency", "4").concurrency == 4


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["many", "-1", "1e99", "nan"])
def test_a_variable_that_cannot_be_used_is_named_with_the_cure(monkeypatch, name, value):
    monkeypatch.setenv(f"WORKER_{name}", value)
    with pytest.raises(ValueError, match=rf"^WORKER_{name} is '{value}'; set it to a .*number.* from \d+ to \d+\.$"):
        chosen()


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["x", "", "-1", "1e99", "nan"])
def test_an_option_that_cannot_be_used_is_answered_with_one_sentence(name, value, capsys, monkeypatch):
    # They look at the database.
    monkeypatch.setattr(Command, "requires_system_checks", [])
    option = "--" + name.lower().replace("_", "-")
    with pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", "runworker", "default", option, value])
    said = capsys.readouterr()
    told = rf"CommandError: {option} is '{re.escape(value)}'; set it to a .*number.* from \d+ to \d+\.\n"
    assert re.fullmatch(told, said.err), said.err
    assert (said.out, end.value.code) == ("", 1)


def test_an_option_is_refused_where_the_variable_would_not_be_asked():
    with pytest.raises(ValueError, match=r"^--concurrency is 'x'; set it to a whole number"):
        chosen("default:2", "--concurrency", "x")
    with pytest.raises(ValueError, match=r"^--max-jobs is 0; set it to a whole number"):
        Sizes.chosen({"channels": [], "max_jobs": 0})
