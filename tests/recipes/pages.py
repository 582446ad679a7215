"""The recipes' pages: what stands in their blocks is what is tested."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.processes.harness import ROOT

FOLDER = ROOT / "docs" / "recipes"
BLOCK = re.compile(r"^```\w+\n# ([\w./-]+)(, added|, in place of \w+)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_NEEDED = shutil.ignore_patterns(".*", "__pycache__", "var", "staticfiles", "docs", "benchmarks")


@dataclass(frozen=True)
class Block:
    """A block whose first line names its file; ``added``: the file is there already, this comes at its end."""

    path: str
    added: bool
    text: str


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")


def blocks(recipe: str) -> list[Block]:
    """Raises AssertionError when there are none: then the page's form has changed."""
    found = BLOCK.findall((FOLDER / f"{recipe}.md").read_text())
    assert found, f"{recipe}.md has no block that names its file"
    return [Block(path, where == ", added", text) for path, where, text in found]


def text_of(recipe: str, path: str) -> str:
    return next(block.text for block in blocks(recipe) if block.path == path)


def processes(recipe: str) -> dict[str, str]:
    """Name -> command, of the page's lines for the Procfile."""
    lines = text_of(recipe, "Procfile").splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def copy_of_project(recipes: list[str], folder: Path) -> Path:
    """A copy of the project with these recipes in it."""
    copy = Path(shutil.copytree(ROOT, folder / "copy", ignore=NOT_NEEDED))
    for recipe in recipes:
        follow(recipe, copy)
    return copy


def follow(recipe: str, project: Path) -> None:
    """Do what the page says to do with its Python files."""
    for block in blocks(recipe):
        target = project / block.path
        if target.suffix != ".py":
            continue
        assert target.exists() == block.added, f"{recipe}.md: {block.path} {'is not' if block.added else 'is'} there"
        if block.added:
            target.write_text(f"{target.read_text()}\n\n{block.text}")
            continue
        if not target.parent.exists():
            target.parent.mkdir()
            (target.parent / "__init__.py").touch()
        target.write_text(block.text)


def apps_with_models(recipe: str) -> list[str]:
    return [block.path.partition("/")[0] for block in blocks(recipe) if block.path.endswith("/models.py")]
