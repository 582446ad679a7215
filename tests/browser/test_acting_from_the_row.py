"""Cancel, send again, a different address: from the row, over the page's socket."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

NOBODY = "nobody-here@example.com"


def test_a_waiting_mail_is_cancelled_and_then_sent_after_all(sign_in, site, post_office, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(guest)
    ada.wait_until_live()
    with ada.without_reload():
        ada.row(guest).get_by_role("button", name="Cancel").click()
        expect(ada.state_of(guest)).to_have_text("cancelled")
        expect(ada.said()).to_contain_text(guest)
        ada.row(guest).get_by_role("button", name="Send again").click()
        expect(ada.state_of(guest)).to_have_text("queued")
        site.start_worker("invites")
        expect(ada.state_of(guest)).to_have_text("sent")
    assert post_office.accepted[guest] == 1


def test_a_refused_address_is_replaced_by_another(sign_in, site, post_office, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(NOBODY)
    ada.wait_until_live()
    with ada.without_reload():
        site.start_worker("invites")
        expect(ada.state_of(NOBODY)).to_have_text("given up")
        expect(ada.row(NOBODY)).to_contain_text("nobody of this name")
        ada.send_elsewhere(NOBODY, guest)
        expect(ada.state_of(guest)).to_have_text("sent")
    assert post_office.accepted[guest] == 1


def test_a_wrong_address_is_refused_in_words_and_can_be_mended(sign_in, site, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(guest)
    ada.invite(NOBODY)
    ada.wait_until_live()
    with ada.without_reload():
        site.start_worker("invites")
        expect(ada.state_of(NOBODY)).to_have_text("given up")
        ada.send_elsewhere(NOBODY, guest)
        expect(ada.said()).to_contain_text("already invited")
        ada.send_elsewhere(NOBODY, "other@example.com")
        expect(ada.state_of("other@example.com")).to_have_text("sent")


def test_a_waiting_picture_is_cancelled_and_then_rendered_after_all(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    ada.wait_until_live()
    picture = ada.picture("holiday.jpg")
    with ada.without_reload():
        picture.get_by_role("button", name="Cancel").click()
        expect(picture.locator(".state")).to_have_text("cancelled")
        picture.get_by_role("button", name="Try again").click()
        expect(picture.locator(".state")).to_have_text("waiting")
        site.start_worker("thumbs")
        expect(picture.locator(".state")).to_have_text("ready")
