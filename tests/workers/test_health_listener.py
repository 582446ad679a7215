"""``runworker --health-port``: what cannot be opened is told in one sentence, before anything is started."""

import re
import socket

import pytest

from workers.management.commands.runworker import Command
from workers.management.health_listener import listen

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def refused(capsys, monkeypatch):
    # They look at the database.
    monkeypatch.setattr(Command, "requires_system_checks", [])

    def run(*words):
        with pytest.raises(SystemExit) as end:
            Command().run_from_argv(["manage.py", "runworker", "default", *words])
        said = capsys.readouterr()
        assert (said.out, end.value.code) == ("", 1)
        return said.err

    return run


@pytest.mark.parametrize("port", ["x", "", "0", "-1", "65536", "80.5"])
def test_a_bad_port_is_refused_with_the_cure(refused, port, settings):
    told = rf"CommandError: --health-port is '{re.escape(port)}'; set it to a whole number from 1 to 65535\.\n"
    assert re.fullmatch(told, refused("--health-port", port))


def test_a_host_without_a_port_is_refused(refused):
    assert re.fullmatch(r"CommandError: --health-host .*name a port.*\n", refused("--health-host", EVERYWHERE))


def test_a_port_that_is_taken_is_named(refused, taken):
    said = refused("--health-port", str(taken))
    told = rf"CommandError: --health-port: nothing can listen on 127\.0\.0\.1:{taken} \(.*in use\)\. Name .*\n"
    assert re.fullmatch(told, said)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "", "x" * 300])
def test_an_address_that_is_not_this_machine_s_is_refused(refused, host):
    said = refused("--health-port", "8081", "--health-host", host)
    assert re.fullmatch(r"CommandError: --health-port: nothing can listen on .*:8081 \(.*--health-host\.\n", said)


def test_without_the_option_nothing_listens():
    assert listen({"health_port": None, "health_host": None}) is None


@pytest.mark.parametrize(("host", "where"), [(None, "127.0.0.1"), (EVERYWHERE, EVERYWHERE), ("localhost", "127.0.0.1")])
def test_it_listens_on_this_machine_alone_unless_told(host, where):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listen({"health_port": port, "health_host": host}) as listener:
        assert listener.getsockname()[:2] == (where, port)
        assert not listener.get_inheritable()
