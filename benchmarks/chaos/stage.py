"""Where the chaos takes place: servers, two releases of the project side by side, a folder for marks and logs."""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import TracebackType

from benchmarks.chaos.marks import FOLDER
from benchmarks.chaos.tempo import Tempo
from benchmarks.chaos.witness import Witness
from benchmarks.services import DurablePostgres
from tests.processes.harness import ROOT, Process
from tests.servers import Redis

HERE = Path(__file__).parent
RELEASES = ("first", "second")
CODE = ("manage.py", "myproject", "workers", "invitations", "thumbnails", "benchmarks")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "peers", "node_modules")


class Stage:
    """Servers started and stopped with ``with``. The releases are copies, so editing the project disturbs no run."""

    def __init__(self, folder: Path, tempo: Tempo) -> None:
        self.folder = folder
        self.tempo = tempo
        self.postgres = DurablePostgres()
        self.redis = Redis()
        # The wall clock of the database, which runs on this machine, as the monotonic clock sees it.
        self.witness = Witness(self.postgres.url, time.time() - time.monotonic())
        self._started = 0

    def __enter__(self) -> "Stage":
        try:
            return self._set()
        except BaseException:
            self._strike()
            raise

    def _set(self) -> "Stage":
        self.postgres.start()
        self.redis.start()
        for release in RELEASES:
            self._copy(release)
        migrated = self.launch("python manage.py migrate --run-syncdb --verbosity 0", "first", "migrate")
        assert migrated.wait(120) == 0, migrated.said()
        self.witness.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._strike()

    def _strike(self) -> None:
        try:
            if self.redis.process is not None:
                # It may be paused, if the run was broken off, and would not hear that it is to end.
                self.redis.process.send_signal(signal.SIGCONT)
            self.redis.stop()
        finally:
            self.postgres.stop()

    def launch(self, command: str, release: str, name: str, clock_shift: int = 0) -> Process:
        self._started += 1
        env = self._environment() | {"CLOCK_SHIFT": str(clock_shift)}
        if clock_shift:
            env["PYTHONPATH"] = str(HERE / "shifted")
        return Process(command, env, self.folder / f"{self._started:03d}-{name}.log", self.folder / release)

    def _copy(self, release: str) -> None:
        for name in CODE:
            source, target = ROOT / name, self.folder / release / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=LEFT_OUT)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        shutil.copytree(HERE / "releases" / release / "catalogue", self.folder / release / "catalogue")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "benchmarks.chaos.settings",
            "WORKERS_OPTIONS": json.dumps(self.tempo.options),
            "SECRET_KEY": "only-for-the-processes-of-one-chaos-run-0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "http://127.0.0.1",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "VAR_DIR": str(self.folder / "var"),
            "SHARED_MEDIA": "1",
            FOLDER: str(self.folder),
        }
