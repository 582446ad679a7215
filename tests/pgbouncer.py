"""PgBouncer in transaction mode, in front of a PostgreSQL database: each transaction may run on another session."""

import os
import pwd
import shutil
from urllib.parse import quote

import psycopg

from tests.servers import Missing, Server, accepts

SESSIONS = 4
"""Sessions with PostgreSQL that all clients share."""
CONFIGURATION = """
[databases]
{name} = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
admin_users = {user}
pool_mode = transaction
default_pool_size = {sessions}
min_pool_size = {sessions}
; Never the session of last time, while there is another: what a client left behind there is missed at once.
server_round_robin = 1
"""


class PgBouncer(Server):
    """From PATH. It refuses to run as root, who starts it as ``nobody``."""

    def __init__(self, name: str, user: str, password: str, host: str, port: int | str) -> None:
        self.binary = pgbouncer_binary()
        super().__init__()
        self.login = f"{quote(user)}:{quote(password)}"
        self.name = name
        users = self.directory / "users"
        users.write_text(" ".join('"{}"'.format(part.replace('"', '""')) for part in (user, password)) + "\n")
        self.configuration = self.directory / "pgbouncer.ini"
        self.configuration.write_text(
            CONFIGURATION.format(
                name=name, user=user, host=host, port=port, own_port=self.port, users=users, sessions=SESSIONS
            )
        )
        if os.geteuid() == 0:
            self.user = "nobody"
            owner = pwd.getpwnam(self.user)
            for path in (self.directory, users, self.configuration):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def address(self, name: str) -> str:
        return f"postgres://{self.login}@127.0.0.1:{self.port}/{name}"

    @property
    def url(self) -> str:
        return self.address(self.name)

    def command(self) -> list[str]:
        return [self.binary, str(self.configuration)]

    def answers(self) -> bool:
        return accepts(self.url)

    def sessions(self) -> set[int]:
        """The process ids of its sessions with PostgreSQL."""
        # Its own console knows no transactions.
        with psycopg.connect(self.address("pgbouncer"), autocommit=True) as console:
            rows = console.execute("SHOW SERVERS")
            columns = [column.name for column in rows.description or ()]
            return {row[columns.index("remote_pid")] for row in rows if row[columns.index("database")] == self.name}


def pgbouncer_binary() -> str:
    # Debian's place for it is not on everybody's PATH.
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise Missing("No PgBouncer here, and no wheel has it. As root: apt-get update && apt-get install pgbouncer")
    return found
