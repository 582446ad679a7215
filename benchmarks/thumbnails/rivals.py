"""Who takes part, and in which interpreter."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import virtualenv

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Libraries:
    """As benchmarks.virtualenv wants a peer."""

    folder: str = "thumbnails"
    requirements: Path = HERE / "requirements.txt"


@dataclass(frozen=True)
class Rival:
    name: str
    module: str
    does: str
    own: bool = False
    django: bool = False
    """One of the libraries that this project is measured by, as it is installed."""
    formats: tuple[str, ...] = ("jpeg",)
    env: dict[str, str] = field(default_factory=dict)

    def environment(self, folder: Path) -> dict[str, str]:
        settings = "own_settings" if self.own else "peers_settings"
        # One thread for everybody: what is measured is work, and a worker has a slot for each processor.
        return os.environ | self.env | {
            "DJANGO_SETTINGS_MODULE": f"benchmarks.thumbnails.{settings}",
            "BENCH_FOLDER": str(folder),
            "DEBUG": "1",
            "VIPS_CONCURRENCY": "1",
        }  # fmt: skip

    @property
    def python(self) -> str:
        return sys.executable if self.own else str(virtualenv.binaries(Libraries()) / "python")  # type: ignore[arg-type]


ALL = ("jpeg", "webp", "avif")
FILES = "files in storage and rows, as a worker runs it"
TASK = Rival("this project, its task", "task", FILES, own=True)
RENDER = Rival("this project, `render`", "own", "bytes to bytes", own=True, formats=ALL)
BARE = Rival("bare Pillow", "bare", "bytes to bytes: drafted, decoded once, down the sizes", own=True, formats=ALL)
SORL_BY_LIBVIPS = Rival(
    "sorl-thumbnail by libvips",
    "sorl",
    "the same, by an engine that is not its default",
    env={"BENCH_SORL_ENGINE": "sorl.thumbnail.engines.vips_engine.Engine"},
)
RIVALS = (
    TASK,
    Rival("easy-thumbnails", "easy", "files in storage and rows", django=True),
    Rival("sorl-thumbnail", "sorl", "files in storage and rows", django=True),
    Rival("django-imagekit", "imagekit", "files in storage", django=True),
    SORL_BY_LIBVIPS,
    RENDER,
    BARE,
    Rival("pyvips", "vips", "bytes to bytes: shrunk on load, down the sizes", formats=ALL),
)  # fmt: skip


def install() -> None:
    libraries = Libraries()
    if not virtualenv.is_installed(libraries):  # type: ignore[arg-type]
        virtualenv.install(libraries)  # type: ignore[arg-type]
