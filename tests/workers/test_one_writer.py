"""Only ``workers.lifecycle`` writes jobs and attempts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import workers

ROOT = Path(workers.__file__).parent
WRITES = {"update", "create", "bulk_create", "bulk_update", "delete", "_raw_delete", "save", "get_or_create"}
OURS = re.compile(r"\b(Job|Attempt)\.objects\b|\b(job|attempt)\.save\b")
SQL = re.compile(r"(UPDATE|INTO|DELETE FROM)\s+\"?workers_(job|attempt)\b")


def writes(path: Path) -> Iterator[str]:
    """Where the module writes jobs or attempts. Weakness: what goes through a variable is not seen."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr=verb)) if verb in WRITES and OURS.search(ast.unparse(node.func)):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}"
            case ast.Constant(value=str(text)) if SQL.search(text):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: SQL"


def modules(*, inside: bool) -> list[Path]:
    every = [path for path in ROOT.rglob("*.py") if "migrations" not in path.parts]
    return [path for path in every if (ROOT / "lifecycle" in path.parents) == inside]


def test_nothing_outside_the_lifecycle_writes_a_job():
    assert [found for path in modules(inside=False) for found in writes(path)] == []


def test_the_search_sees_the_writes_that_there_are():
    found = {write.split(":")[0] for path in modules(inside=True) for write in writes(path)}
    assert {"lifecycle/claiming.py", "lifecycle/recording.py", "lifecycle/rescuing.py"} <= found
