"""axe-core, the accessibility checker of Deque, run in the page."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.person import Person

# WCAG 2.2 to its level AA, and what axe calls good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Django's own: its search field is named by a picture alone, its path's links are told by their colour, and its tables
# of related rows have headings without words.
DJANGOS_OWN = [["#changelist-search #searchbar"], [".breadcrumbs"], [".inline-group thead"]]


def assert_accessible(person: Person) -> None:
    """No fault in the page as it stands, neither in light colours nor in dark ones."""
    person.page.wait_for_load_state("load")
    for scheme in ("light", "dark"):
        person.page.emulate_media(color_scheme=scheme)
        # A colour that is still fading into another is neither.
        person.page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
        options = {"runOnly": {"type": "tag", "values": TAGS}}
        found = Axe().run(person.page, context={"exclude": DJANGOS_OWN}, options=options)
        assert found.violations_count == 0, f"{person.page.url}, {scheme}:\n{found.generate_report()}"
