"""Two people with their windows open at the same time: each sees their own work happen, and nothing of the other's."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def test_each_sees_their_own_mail_go_out_and_gets_nothing_of_the_other(sign_in, site):
    ada, eve = sign_in(), sign_in()
    for person, guest in ((ada, "anna@example.com"), (eve, "erik@example.com")):
        person.open("/invitations/")
        person.invite(guest)
        person.wait_until_live()
        expect(person.state_of(guest)).to_have_text("queued")
    with ada.without_reload(), eve.without_reload():
        site.start_worker("invites")
        expect(ada.state_of("anna@example.com")).to_have_text("sent")
        expect(eve.state_of("erik@example.com")).to_have_text("sent")
    assert any("anna@example.com" in text for text in ada.pushed)
    assert not any("anna@" in text for text in eve.pushed)
    assert not any("erik@" in text for text in ada.pushed)


def test_what_is_done_in_one_window_appears_in_the_other(sign_in, visit, guest):
    ada, eve = sign_in(), sign_in()
    elsewhere = visit(name=ada.name).sign_in()
    for window in (elsewhere, eve, ada):
        window.open_live("/invitations/")
    with elsewhere.without_reload():
        ada.invite(guest)
        expect(elsewhere.state_of(guest)).to_have_text("queued")
    with eve.without_reload():
        # Her own next push comes after whatever would have come of Ada's.
        visit(name=eve.name).sign_in().open("/invitations/")
        assert not any("guest@" in text for text in eve.pushed)
    expect(eve.row(guest)).to_have_count(0)


def test_a_window_left_open_is_shown_nothing_more_once_the_session_has_ended(sign_in, site, guest):
    ada = sign_in()
    ada.open("/invitations/")
    ada.invite(guest)
    ada.wait_until_live()
    # The same session, in another tab.
    tab = ada.context.new_page()
    tab.goto(f"{ada.url}/")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("link", name="Sign in")).to_be_visible()
    pushed = len(ada.pushed)
    again = sign_in(name=ada.name)
    again.open_live("/invitations/")
    with ada.without_reload():
        site.start_worker("invites")
        expect(again.state_of(guest)).to_have_text("sent")
        expect(ada.said()).to_contain_text("You are signed out")
    assert not any("guest@" in text for text in ada.pushed[pushed:])
    expect(ada.state_of(guest)).to_have_text("queued")
