"""Without a mouse: Tab and Enter reach and do everything, and one always sees where one is."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

OUTLINE = """() => {
    const style = getComputedStyle(document.activeElement)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
}"""
FOCUSED = "() => document.activeElement.outerHTML.slice(0, 200)"


def tab_to(page, target, most: int = 40) -> None:
    """Fails when Tab does not lead there, or when the way goes through anything whose focus cannot be seen."""
    way = []
    for _ in range(most):
        page.keyboard.press("Tab")
        way.append(page.evaluate(FOCUSED))
        assert page.evaluate(OUTLINE), f"focus cannot be seen on {way[-1]}"
        if is_focused(page, target):
            return
    raise AssertionError(f"Tab does not lead there, but to: {way}")


def is_focused(page, target) -> bool:
    """Asked in one go: between two questions its row may be replaced."""
    return target.and_(page.locator(":focus")).count() == 1


def test_invite_cancel_and_send_again_by_keyboard_alone(sign_in, site, guest):
    ada = sign_in()
    ada.open("/invitations/")
    tab_to(ada.page, ada.address_field())
    ada.page.keyboard.type(guest)
    with ada.page.expect_navigation():
        ada.page.keyboard.press("Enter")
    expect(ada.state_of(guest)).to_have_text("queued")
    ada.wait_until_live()
    with ada.without_reload():
        tab_to(ada.page, ada.row(guest).get_by_role("button", name="Cancel"))
        ada.page.keyboard.press("Enter")
        expect(ada.state_of(guest)).to_have_text("cancelled")
        assert ada.page.evaluate("document.activeElement !== document.body"), "the focus is lost"
        again = ada.row(guest).get_by_role("button", name="Send again")
        if not is_focused(ada.page, again):
            tab_to(ada.page, again)
        ada.page.keyboard.press("Enter")
        expect(ada.state_of(guest)).to_have_text("queued")


def test_focus_stays_on_a_button_whose_row_changes(sign_in, site):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite("busy-bee@example.com")
    ada.wait_until_live()
    cancel = ada.row("busy-bee@").get_by_role("button", name="Cancel")
    cancel.focus()
    with ada.without_reload():
        site.start_worker("invites")
        expect(ada.state_of("busy-bee@")).to_have_text("retrying")
        expect(cancel).to_be_focused()


def test_what_is_being_typed_into_a_row_stays_when_the_page_changes(sign_in, site, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite("nobody-here@example.com")
    ada.wait_until_live()
    site.start_worker("invites")
    expect(ada.state_of("nobody-here@")).to_have_text("given up")
    field = ada.other_address_field("nobody-here@")
    field.fill("half-an-addr")
    # In a second window, so that this one is told of a new job and gets everything anew.
    other = sign_in(name=ada.name)
    with ada.without_reload():
        other.open("/invitations/")
        other.invite(guest)
        expect(ada.state_of(guest)).to_have_text("sent")
        expect(field).to_be_focused()
        expect(field).to_have_value("half-an-addr")


def test_the_first_tab_leads_past_the_navigation(sign_in):
    ada = sign_in()
    ada.open("/pictures/")
    ada.page.keyboard.press("Tab")
    expect(ada.page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(ada.page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#main")).to_be_focused()
