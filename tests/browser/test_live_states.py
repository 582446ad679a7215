"""The page follows the work without being loaded again."""

import re
import signal

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

# Found anew at each look: the card is replaced again when its job has ended. It is loaded only where it can be seen.
SEEN = """() => {
    const thumbnail = document.querySelector(".pictures img");
    thumbnail?.scrollIntoView();
    return thumbnail?.complete && thumbnail.naturalWidth > 0;
}"""


def test_a_mail_is_queued_then_sending_then_sent(sign_in, site, post_office, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(guest)
    ada.wait_until_live()
    post_office.hold()
    with ada.without_reload():
        expect(ada.state_of(guest)).to_have_text("queued")
        site.start_worker("invites")
        expect(ada.state_of(guest)).to_have_text("sending")
        post_office.let_go()
        expect(ada.state_of(guest)).to_have_text("sent")


def test_an_invitation_that_is_accepted_shows_so(sign_in, visit, site, post_office, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(guest)
    site.start_worker("invites")
    expect(ada.state_of(guest)).to_have_text("sent")
    ada.wait_until_live()
    invited = visit()
    with ada.without_reload():
        invited.page.goto(post_office.link_to(guest))
        invited.sign_up_and_accept()
        expect(ada.state_of(guest)).to_have_text("accepted")


def test_a_retry_says_when_it_comes_and_why(sign_in, site):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite("busy-bee@example.com")
    ada.wait_until_live()
    with ada.without_reload():
        site.start_worker("invites")
        expect(ada.state_of("busy-bee@example.com")).to_have_text("retrying")
    row = ada.row("busy-bee@example.com")
    expect(row).to_contain_text("busy, come back later")
    expect(row).to_contain_text(re.compile(r"Next try: \d+ \w+ \d{4}, \d\d:\d\d"))


def test_an_upload_becomes_pictures(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    ada.wait_until_live()
    with ada.without_reload():
        expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("waiting")
        site.start_worker("thumbs")
        expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("ready")
        ada.page.wait_for_function(SEEN)


def test_the_renditions_appear_on_the_page_of_the_picture(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    ada.page.get_by_role("link", name="holiday.jpg").click()
    ada.wait_until_live()
    with ada.without_reload():
        site.start_worker("thumbs")
        expect(ada.page.get_by_role("link", name="View", exact=False)).to_have_count(12)
        expect(ada.page.locator(".state").first).to_have_text("ready")


def test_progress_moves_and_survives_a_reload(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("large.jpg", side=3600)
    ada.wait_until_live()
    progress = ada.picture("large.jpg").locator("progress")
    with ada.without_reload():
        worker = site.start_worker("thumbs")
        ada.page.wait_for_function("document.querySelector('.pictures progress')?.value >= 1")
        worker.signal_group(signal.SIGSTOP)
    try:
        ada.page.reload()
        ada.wait_until_live()
        seen, end = progress.evaluate("bar => [bar.value, bar.max]")
        assert 1 <= seen < end
        expect(progress).to_have_accessible_name(re.compile(r"\w"))
    finally:
        worker.signal_group(signal.SIGCONT)
    with ada.without_reload():
        ada.page.wait_for_function(f"!(document.querySelector('.pictures progress')?.value <= {seen})")
        expect(ada.picture("large.jpg").locator(".state")).to_have_text("ready")
    expect(progress).to_have_count(0)
