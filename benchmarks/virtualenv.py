"""Each peer in a virtualenv of its own, made once and again when its requirements change."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.peer import Peer

# Git and the linters pass over this name.
KEPT = Path(__file__).parent / ".venv"


def binaries(peer: Peer) -> Path:
    return KEPT / peer.folder / "bin"


def is_installed(peer: Peer) -> bool:
    stamp = KEPT / peer.folder / "installed"
    return stamp.exists() and stamp.read_text() == _wanted(peer)


def install(peer: Peer) -> None:
    """Raises CalledProcessError, pip having said why."""
    folder = KEPT / peer.folder
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(peer.requirements)], check=True)
    (folder / "installed").write_text(_wanted(peer))


def versions(peer: Peer) -> list[str]:
    """What its requirements pin, which is what is installed; this project's name ranges."""
    return [line for line in peer.requirements.read_text().splitlines() if "==" in line]


def _wanted(peer: Peer) -> str:
    return hashlib.sha256(peer.requirements.read_bytes() + sys.version.encode()).hexdigest()
