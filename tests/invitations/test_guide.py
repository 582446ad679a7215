"""docs/invitations.md says what the code does."""

import re
from pathlib import Path

from django.template.loader import get_template
from django.urls import resolve

from invitations.provider_checks import has_webhooks
from invitations.states import InvitationState
from tests.invitations.test_provider_checks import GIVEN

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "invitations.md").read_text()


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under this heading, without its first two lines."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first(cell: str) -> str:
    return re.split("[:;,]", cell)[0]


def test_the_diagram_holds_every_state_by_the_name_that_people_read():
    diagram = GUIDE.split("stateDiagram-v2")[1].split("```")[0]
    drawn = set(re.findall(r"\w+(?= -->)|(?<=--> )\w+", diagram))
    assert drawn == {str(state.label).replace(" ", "_") for state in InvitationState}


def test_every_provider_is_told_with_what_it_needs_and_where_it_tells():
    table = rows(GUIDE, "Providers")
    assert {named(provider)[0]: named(needs) for provider, needs, _, _ in table} == GIVEN
    for provider, _, _, news in table:
        assert bool(named(news)) is has_webhooks(named(provider)[0])
        assert all(resolve(path) for path in named(news))


def test_every_setting_has_the_default_that_the_table_of_all_variables_tells():
    everything = {named(row[0])[0]: row[-1] for row in rows((DOCS / "deploy.md").read_text(), "Every variable")}
    for name, _, default in rows(GUIDE, "Settings"):
        assert first(default) == first(everything[named(name)[0]]), name
    limits = {name for name in everything if name.startswith("INVITATIONS_")}
    assert limits <= {named(row[0])[0] for row in rows(GUIDE, "Settings")}


def test_every_template_that_can_be_overridden_is_there():
    names = [name for row in rows(GUIDE, "Templates to override") for name in named(row[0])]
    assert len(names) > 10
    for name in names:
        assert get_template(name)
