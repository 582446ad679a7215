"""A mouse button pressed before a push, released after it: the click meets what it was meant for, and nothing else."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def press(person, target):
    target.hover()
    person.page.mouse.down()


def release(person, target):
    """Where it is by now."""
    target.hover()
    person.page.mouse.up()


def test_a_button_that_is_left_as_it_was_is_met(sign_in, site):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite("busy-bee@example.com")
    ada.wait_until_live()
    cancel = ada.row("busy-bee@").get_by_role("button", name="Cancel")
    with ada.without_reload():
        press(ada, cancel)
        site.start_worker("invites")
        expect(ada.state_of("busy-bee@")).to_have_text("retrying")
        release(ada, cancel)
        expect(ada.state_of("busy-bee@")).to_have_text("cancelled")


def test_a_button_that_took_the_place_of_another_is_not(sign_in, site, guest):
    second = guest.replace("guest", "second")
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(second)
    ada.invite(guest)
    ada.wait_until_live()
    with ada.without_reload():
        press(ada, ada.row(guest).get_by_role("button", name="Cancel"))
        site.start_worker("invites")
        expect(ada.state_of(guest)).to_have_text("sent")
        release(ada, ada.row(guest).get_by_role("button", name="Revoke"))
        # The socket answers in order: had the release revoked the first, that would be seen by now.
        expect(ada.state_of(second)).to_have_text("sent")
        ada.row(second).get_by_role("button", name="Revoke").click()
        expect(ada.state_of(second)).to_have_text("revoked")
        expect(ada.state_of(guest)).to_have_text("sent")


def test_the_second_click_of_two_changes_nothing_and_the_answer_moves_nothing(sign_in, guest):
    first, third = (guest.replace("guest", name) for name in ("first", "third"))
    ada = sign_in()
    ada.open("/invitations/")
    for address in (third, guest, first):
        ada.invite(address)
    ada.open_live("/invitations/")
    above = ada.row(first).bounding_box()
    with ada.without_reload():
        ada.row(guest).get_by_role("button", name="Cancel").click()
        expect(ada.said()).to_contain_text(guest)
        expect(ada.state_of(guest)).to_have_text("cancelled")
        assert ada.row(first).bounding_box() == above
        ada.row(guest).get_by_role("button", name="Send again").hover()
        ada.page.mouse.down(click_count=2)
        ada.page.mouse.up(click_count=2)
        ada.row(third).get_by_role("button", name="Cancel").click()
        expect(ada.state_of(third)).to_have_text("cancelled")
        expect(ada.state_of(guest)).to_have_text("cancelled")
        expect(ada.state_of(first)).to_have_text("queued")


def test_a_link_whose_picture_arrives_leads_there(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    # The last that moves the cards.
    expect(ada.page.get_by_text("1 file is uploaded.")).to_be_visible()
    ada.wait_until_live()
    link = ada.picture("holiday.jpg").get_by_role("link")
    press(ada, link)
    site.start_worker("thumbs")
    expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("ready")
    # Not moved in between, which would drag the link. The picture has come below the mouse.
    ada.page.mouse.up()
    expect(ada.page.get_by_role("heading", name="holiday.jpg")).to_be_visible()
