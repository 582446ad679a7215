"""``make check``: no module above 300 lines. One noun or actor per file; the one that grows wants to be two."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 300
OURS = {".py", ".css", ".html"}
NOT_WRITTEN = {"var", "staticfiles", "migrations"}


def written_here() -> list[Path]:
    """Every module, stylesheet and template of the project, without the virtualenv and what programs write."""
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.suffix in OURS]
    return [path for path in paths if not any(part.startswith(".") or part in NOT_WRITTEN for part in path.parts)]


def too_long(paths: list[Path]) -> list[tuple[Path, int]]:
    lengths = [(path, len(path.read_text(encoding="utf-8").splitlines())) for path in paths]
    return [(path, length) for path, length in lengths if length > MOST]


def main() -> int:
    paths = written_here()
    found = too_long(paths)
    for path, length in found:
        print(f"{path} has {length} lines; at most {MOST}. Split it by noun or actor.")
    if not found:
        print(f"Module sizes: {len(paths)} files, none above {MOST} lines.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
