"""No page has a fault that axe can find, neither in light colours nor in dark ones."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accounts import OPERATOR
from tests.browser.axe import assert_accessible

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


@pytest.mark.parametrize("path", ["/", "/login/", "/invitations/00000000-0000-4000-8000-000000000000/no-such-link/"])
def test_what_strangers_see(visit, path):
    stranger = visit()
    stranger.open(path)
    assert_accessible(stranger)


def test_a_sign_in_that_failed(visit):
    stranger = visit()
    stranger.open("/login/")
    stranger.page.get_by_label("Username").fill("nobody")
    stranger.page.get_by_label("Password").fill("wrong")
    stranger.page.get_by_role("button", name="Sign in").click()
    expect(stranger.page.get_by_text("Please enter a correct username")).to_be_visible()
    assert_accessible(stranger)


@pytest.mark.parametrize("path", ["/", "/invitations/", "/pictures/"])
def test_the_pages_of_somebody_new(sign_in, path):
    ada = sign_in()
    ada.open(path)
    assert_accessible(ada)


def test_invitations_in_every_state_and_their_links(sign_in, visit, site, post_office, guest):
    ada = sign_in()
    ada.open("/invitations/")
    guests = {"waiting@example.com": "cancelled", "busy-bee@example.com": "retrying"}
    guests |= {"nobody-here@example.com": "given up", guest: "sent"}
    for address in guests:
        ada.invite(address)
    ada.wait_until_live()
    ada.row("waiting@example.com").get_by_role("button", name="Cancel").click()
    expect(ada.state_of("waiting@example.com")).to_have_text("cancelled")
    assert_accessible(ada)
    site.start_worker("invites")
    for address, state in guests.items():
        expect(ada.state_of(address)).to_have_text(state)
    assert_accessible(ada)
    ada.page.get_by_role("button", name="Invite", exact=True).click()
    ada.try_to_invite(guest)
    expect(ada.page.get_by_text("already invited")).to_be_visible()
    assert_accessible(ada)

    invited = visit()
    invited.page.goto(post_office.link_to(guest))
    assert_accessible(invited)
    invited.sign_up_and_accept()
    assert_accessible(invited)


def test_pictures_in_every_state(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg")
    assert_accessible(ada)
    site.start_worker("thumbs")
    expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("ready")
    ada.page.get_by_label("Upload pictures").set_input_files(
        {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    )
    ada.page.get_by_role("button", name="Upload", exact=True).click()
    expect(ada.picture("letter.jpg").locator(".state")).to_have_text("refused")
    assert_accessible(ada)
    for name in ("holiday.jpg", "letter.jpg"):
        ada.open("/pictures/")
        ada.picture(name).get_by_role("link").click()
        expect(ada.page.get_by_role("heading", name=name)).to_be_visible()
        assert_accessible(ada)


def test_the_outbox_of_a_developer(sign_in, site, guest):
    site.env["DEBUG"] = "1"
    del site.env["EMAIL_URL"]
    site.start_web()
    ada = sign_in(url=site.url)
    ada.open("/invitations/")
    ada.invite(guest)
    site.start_worker("invites")
    expect(ada.state_of(guest)).to_have_text("sent")
    ada.page.get_by_role("link", name="Outbox", exact=True).click()
    assert_accessible(ada)
    ada.page.get_by_role("row").filter(has_text=guest).get_by_role("link").click()
    expect(ada.page.get_by_role("heading", name="As text")).to_be_visible()
    assert_accessible(ada)


def test_the_operators_pages(sign_in, site):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite("nobody-here@example.com")
    site.start_worker("invites")
    expect(ada.state_of("nobody-here@")).to_have_text("given up")
    operator = sign_in(name=OPERATOR)
    for path in ("/admin/workers/workerprocess/", "/admin/workers/queuepause/", "/admin/workers/job/"):
        operator.open(path)
        assert_accessible(operator)
    operator.page.locator("#action-toggle").check()
    operator.page.get_by_label("Action:").select_option("retry")
    operator.page.get_by_role("button", name="Go").click()
    expect(operator.page.get_by_role("heading", name="sure")).to_be_visible()
    assert_accessible(operator)
    operator.open("/admin/workers/job/")
    operator.page.locator("#result_list th a").first.click()
    expect(operator.page).to_have_url(re.compile("/change/"))
    assert_accessible(operator)
