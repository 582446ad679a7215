"""A witness in the database: triggers that note every change of a job's state or result, and who comes and goes.

It commits and rolls back with what it saw, so it tells what really happened, whatever the runner believes.
"""

import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

import psycopg

from benchmarks.chaos.records import ALWAYS, Passage, Row, Tenure, pid_of

INSTALL = """
CREATE TABLE chaos_passage (
    number bigserial PRIMARY KEY, at float8, job uuid, old text, new text, worker text, rescues int
);
CREATE TABLE chaos_tenure (number bigserial PRIMARY KEY, at float8, worker text, comes boolean);
CREATE FUNCTION chaos_saw_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_passage (at, job, old, new, worker, rescues)
    VALUES (extract(epoch FROM clock_timestamp()), NEW.id, OLD.state, NEW.state, NEW.worker_id, NEW.rescues);
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_saw_worker() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_tenure (at, worker, comes)
    VALUES (extract(epoch FROM clock_timestamp()), COALESCE(NEW.id, OLD.id), TG_OP = 'INSERT');
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_saw AFTER UPDATE ON workers_job FOR EACH ROW
    WHEN ((OLD.state, OLD.finished_at, OLD.return_value) IS DISTINCT FROM
          (NEW.state, NEW.finished_at, NEW.return_value))
    EXECUTE FUNCTION chaos_saw_job();
CREATE TRIGGER chaos_saw AFTER INSERT OR DELETE ON workers_workerprocess
    FOR EACH ROW EXECUTE FUNCTION chaos_saw_worker();
"""
UNFINISHED = "SELECT count(*) FROM workers_job WHERE state IN ('SCHEDULED', 'READY', 'RUNNING')"
WAITING = "SELECT count(*) FROM workers_job WHERE state = 'READY'"
RUSH_POLL = 0.01
HOLDERS = "SELECT DISTINCT worker_id FROM workers_job WHERE state = 'RUNNING'"


class Witness:
    """Reads what the triggers wrote, and the tables they watch. ``epoch`` turns their clock into the monotonic one."""

    def __init__(self, url: str, epoch: float) -> None:
        self._url = url
        self._epoch = epoch

    def install(self) -> None:
        self._ask(INSTALL, fetch=False)

    def unfinished(self) -> int | None:
        """How many jobs have not ended; None while the database is away."""
        try:
            return int(self._ask(UNFINISHED)[0][0])
        except psycopg.OperationalError:
            return None

    def registered(self) -> set[int]:
        """The processes that have a worker's row; none while the database is away."""
        try:
            return {pid for (pid,) in self._ask("SELECT pid FROM workers_workerprocess")}
        except psycopg.OperationalError:
            return set()

    def await_rush(self, jobs: int, patience: float) -> None:
        """Until so many jobs wait, or the patience (seconds) is at its end, or the database is away."""
        deadline = time.monotonic() + patience
        with suppress(psycopg.OperationalError), psycopg.connect(self._url, autocommit=True) as connection:
            while time.monotonic() < deadline:
                [(waiting,)] = connection.execute(WAITING).fetchall()
                if waiting >= jobs:
                    return
                time.sleep(RUSH_POLL)

    def holders(self) -> set[int]:
        """The processes that hold jobs at this moment."""
        return {pid_of(worker) for (worker,) in self._ask(HOLDERS)}

    def rows(self) -> dict[str, list[Row]]:
        """Key → its rows; more than one only when something was enqueued twice."""
        found = defaultdict(list)
        asked = "SELECT id::text, args->>0, state, return_value #>> '{}', attempts, rescues FROM workers_job"
        for row in self._ask(asked):
            found[row[1]].append(Row(*row))
        return dict(found)

    def passages(self) -> dict[str, list[Passage]]:
        """Job → its passages, in order."""
        found = defaultdict(list)
        for at, *rest in self._ask(
            "SELECT at, job::text, old, new, worker, rescues FROM chaos_passage ORDER BY number"
        ):
            found[rest[0]].append(Passage(at - self._epoch, *rest))
        return dict(found)

    def tenures(self) -> list[Tenure]:
        came: dict[str, float] = {}
        went: dict[str, float] = {}
        for at, worker, comes in self._ask("SELECT at, worker, comes FROM chaos_tenure ORDER BY number"):
            (came if comes else went)[worker] = at - self._epoch
        return [Tenure(worker, at, went.get(worker, ALWAYS)) for worker, at in came.items()]

    def effects(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for key, nonce in self._ask("SELECT key, nonce FROM jobs_effect ORDER BY id"):
            found[key].append(nonce)
        return dict(found)

    def _ask(self, statement: str, fetch: bool = True) -> list[Any]:
        with psycopg.connect(self._url, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if fetch else []
