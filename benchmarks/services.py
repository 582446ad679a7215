"""PostgreSQL and Redis for the benchmarks: as the tests start them, but PostgreSQL keeps what it says it keeps."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from tests.servers import Postgres, Redis


class DurablePostgres(Postgres):
    """With its own defaults, fsync and synchronous_commit among them; the tests turn the first off."""

    def __init__(self, **settings: str) -> None:
        super().__init__()
        self.settings = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"} | settings

    def command(self) -> list[str]:
        # The last word on a command line counts.
        return [
            *super().command(),
            *(part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")),
        ]

    def url_of(self, database: str) -> str:
        return self.url.rsplit("/", 1)[0] + f"/{database}"


@dataclass(frozen=True)
class Services:
    """Both servers, running. Redis keeps nothing on disk, as a broker on Heroku's small plans does not."""

    postgres: DurablePostgres
    redis: Redis

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.postgres.url_of(database), autocommit=True) as connection:
            connection.execute(statement)

    def copy_database(self, template: str, name: str) -> str:
        """A fresh copy of ``template`` under ``name``; returns its address."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.run("CHECKPOINT")
        return self.postgres.url_of(name)

    def empty_redis(self) -> None:
        self.redis.call("FLUSHALL")

    @property
    def versions(self) -> dict[str, str]:
        with psycopg.connect(self.postgres.url) as connection:
            [version] = connection.execute("SHOW server_version").fetchone() or ["?"]
        return {"PostgreSQL": version, "Redis or Valkey": self._redis_version()}

    def _redis_version(self) -> str:
        try:
            return f"Valkey {self.redis.info('valkey_version')}"
        except KeyError:
            return f"Redis {self.redis.info('redis_version')}"


@contextmanager
def running(**postgres_settings: str) -> Iterator[Services]:
    # A run that is terminated cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    postgres, redis = DurablePostgres(**postgres_settings), Redis()
    try:
        postgres.start()
        redis.start()
        yield Services(postgres, redis)
    finally:
        redis.stop()
        postgres.stop()
