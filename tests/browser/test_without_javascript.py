"""Everything that a live page does can be had by forms and reloads."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

NOBODY = "nobody-here@example.com"


@pytest.fixture
def ada(sign_in):
    return sign_in(java_script_enabled=False)


def test_a_mail_is_cancelled_sent_again_and_seen_to_be_sent(ada, site, guest):
    ada.open("/invitations/")
    ada.invite(guest)
    ada.row(guest).get_by_role("button", name="Cancel").click()
    expect(ada.state_of(guest)).to_have_text("cancelled")
    ada.row(guest).get_by_role("button", name="Send again").click()
    expect(ada.state_of(guest)).to_have_text("queued")
    site.start_worker("invites")
    ada.look_again_until(lambda: ada.state_of(guest).inner_text() == "sent")


def test_a_refused_address_is_replaced_by_another(ada, site, guest):
    ada.open("/invitations/")
    ada.invite(NOBODY)
    site.start_worker("invites")
    ada.look_again_until(lambda: ada.state_of(NOBODY).inner_text() == "given up")
    ada.send_elsewhere(NOBODY, guest)
    ada.look_again_until(lambda: ada.state_of(guest).inner_text() == "sent")


def test_an_upload_is_seen_to_become_pictures(ada, site):
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    site.start_worker("thumbs")
    ada.look_again_until(lambda: ada.picture("holiday.jpg").locator(".state").inner_text() == "ready")
    ada.page.get_by_role("link", name="holiday.jpg").click()
    expect(ada.page.get_by_role("link", name="View")).to_have_count(12)
