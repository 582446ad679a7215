"""docs/deploy.md, the Procfile and app.json say what the code does."""

import ast
import json
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("myproject", "workers", "invitations", "thumbnails")
ENVIRONMENTS = {"env", "ENV", "os.environ", "for_slots"}


def names_read(source: str) -> set[str]:
    """Constants in calls that ask an environment: ``env.get("X")``, ``flag(ENV, "X")``; and all of S3_*."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            receiver, _, method = ast.unparse(node.func).rpartition(".")
            if method != "setdefault" and ENVIRONMENTS & {receiver, *map(ast.unparse, node.args)}:
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
        if isinstance(node, ast.Constant) and str(node.value).startswith("S3_"):
            found.add(node.value)
    return {str(name) for name in found if re.fullmatch(r"[A-Z][A-Z0-9_]+", str(name))}


def names_told() -> set[str]:
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE))


def processes() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line)}


def test_the_table_holds_exactly_the_variables_that_are_read():
    sources = [path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    read = set().union(*map(names_read, sources))
    assert "S3_REGION" in read
    assert "DB_CONNECTIONS" in read
    assert read == names_told()


def test_every_queue_is_served_by_a_process_of_the_procfile():
    served = " ".join(command for command in processes().values() if "runworker" in command).split()
    assert set(settings.TASKS["default"]["QUEUES"]) <= set(served)


def test_app_json_starts_every_process_and_sets_only_known_variables():
    app = json.loads((ROOT / "app.json").read_text())
    assert set(app["formation"]) == set(processes()) - {"release"}
    assert set(app["env"]) <= names_told()
    assert app["env"]["SECRET_KEY"]["generator"] == "secret"
    assert app["env"]["REDIS_TLS_VERIFY"]["value"] == "none"
