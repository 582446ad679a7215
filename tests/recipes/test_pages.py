"""The pages are complete, and their code is in the style of this house."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.harness import ROOT
from tests.recipes import pages

# Whose imports come last.
OURS = ("--config", f"src = ['.', '{ROOT}']")
README = (pages.FOLDER / "README.md").read_text()


def test_the_index_names_every_recipe_and_its_test():
    listed = dict(re.findall(r"^\| \[[^]]+\]\(([\w-]+)\.md\) .*\[`(test_\w+\.py)`\]", README, re.MULTILINE))
    assert listed == {name: f"test_{name.replace('-', '_')}.py" for name in pages.names()}
    assert all((Path(__file__).parent / test).exists() for test in listed.values())


@pytest.mark.parametrize("name", [*pages.names(), "README"])
def test_each_link_leads_somewhere(name):
    text = (pages.FOLDER / f"{name}.md").read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert [link for link in links if not (pages.FOLDER / link).exists()] == []


@pytest.mark.parametrize("name", pages.names())
def test_the_code_of_a_recipe_passes_the_linter(name, tmp_path):
    for block in pages.blocks(name):
        if block.path.endswith(".py") and not block.added:
            (tmp_path / block.path).parent.mkdir(exist_ok=True)
            (tmp_path / block.path).write_text(block.text)
    for command in ("check", "format --check"):
        done = subprocess.run(
            [ruff(), *command.split(), "--no-cache", "--config", ROOT / "pyproject.toml", *OURS, "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def ruff() -> str:
    found = shutil.which("ruff", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert found, "ruff is missing: pip install -r requirements-dev.txt"
    return found
