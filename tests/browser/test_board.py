"""The operator's board, in a browser: live, on a phone, and for everybody."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accounts import OPERATOR
from tests.browser.axe import assert_accessible
from tests.browser.person import Person
from tests.browser.test_phone import PHONE, assert_no_scrolling_sideways

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def open_board(operator: Person) -> None:
    operator.open("/admin/workers/job/")
    operator.page.get_by_role("link", name="Board", exact=True).click()
    expect(operator.page.get_by_role("heading", name="Board", exact=True)).to_be_visible()
    operator.wait_until_live()


def queue(person: Person, name: str, column: str) -> Locator:
    """The cell of a queue."""
    table = person.page.get_by_role("region", name="Queues").get_by_role("table")
    headers = table.get_by_role("columnheader").all_inner_texts()
    row = table.get_by_role("row").filter(has=person.page.get_by_role("rowheader", name=name, exact=True))
    # The first header is that of the row's own.
    return row.get_by_role("cell").nth([text.upper() for text in headers].index(column.upper()) - 1)


def test_the_board_follows_the_work(sign_in, site, post_office, guest):
    operator, ada = sign_in(name=OPERATOR), sign_in()
    open_board(operator)
    ada.open("/invitations/")
    ready = queue(operator, "send-invite", "Ready")
    before = int(ready.inner_text())
    with operator.without_reload():
        ada.invite(guest)
        expect(ready).to_have_text(str(before + 1))
        post_office.hold()
        site.start_worker("invites", "--concurrency 1")
        expect(queue(operator, "send-invite", "Running")).to_have_text("1")
        expect(operator.page.get_by_role("link", name="invitations.tasks.send_invite").first).to_be_visible()
        post_office.let_go()
        expect(queue(operator, "send-invite", "Running")).to_have_text("0")


def test_the_board_can_be_read_by_everybody_in_light_and_dark(sign_in, site, guest):
    ada, operator = sign_in(), sign_in(name=OPERATOR)
    ada.open("/invitations/")
    for address in (guest, "busy-bee@example.com", "nobody-here@example.com"):
        ada.invite(address)
    site.start_worker("invites")
    expect(ada.state_of("nobody-here@")).to_have_text("given up")
    open_board(operator)
    assert_accessible(operator)


def test_the_board_fits_a_phone(sign_in, site):
    site.start_worker("invites")
    operator = sign_in(name=OPERATOR, **PHONE)
    open_board(operator)
    assert_no_scrolling_sideways(operator)
