"""Many invitations at once, from the pasting to the summary: live, by keyboard, on a phone, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.accounts import OPERATOR
from tests.browser.axe import assert_accessible
from tests.browser.test_keyboard import tab_to
from tests.browser.test_phone import PHONE, assert_fits

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

NOTE = "Welcome to our chess club"
THREE = "guest@example.com, nobody-here@example.com; second@example.com nonsense"


def button(person, name):
    return person.page.get_by_role("button", name=name)


def summary(person):
    return person.page.locator("#batch-progress")


def assert_summed_up(person):
    expect(summary(person)).to_contain_text("Finished on")
    expect(summary(person)).to_contain_text("sent: 2")
    expect(summary(person)).to_contain_text("given up: 1")
    expect(summary(person).get_by_role("progressbar")).to_have_count(0)


def test_the_bar_moves_to_one_summary_by_itself_and_no_page_has_a_fault(sign_in, site, post_office):
    ada = sign_in()
    ada.open("/invitations/batch/")
    ada.page.get_by_label("Email addresses").fill(THREE)
    ada.page.get_by_label("A few words to them").fill(f"{NOTE}: www.example.com")
    button(ada, "Look at them").click()
    expect(ada.page.get_by_text("Write the note without links")).to_be_visible()
    assert_accessible(ada)
    ada.page.get_by_label("A few words to them").fill(NOTE)
    button(ada, "Look at them").click()
    expect(ada.page.get_by_text(f"Each mail says: “{NOTE}”")).to_be_visible()
    expect(ada.page.get_by_role("row").filter(has_text="nonsense")).to_contain_text("not a valid address")
    assert_accessible(ada)
    button(ada, "Send 3 invitations").click()
    expect(summary(ada).get_by_role("progressbar", name="Mails dealt with")).to_have_attribute("max", "3")
    ada.wait_until_live()
    assert_accessible(ada)
    with ada.without_reload():
        site.start_worker("invites")
        assert_summed_up(ada)
    assert_accessible(ada)
    assert NOTE in post_office.letters["guest@example.com"]

    operator = sign_in(name=OPERATOR)
    operator.open("/admin/invitations/batch/")
    expect(operator.page.get_by_role("row").filter(has_text=ada.name)).to_contain_text("finished")
    assert_accessible(operator)
    operator.page.get_by_role("row").filter(has_text=ada.name).get_by_role("link").first.click()
    operator.page.wait_for_url("**/change/**", wait_until="load")
    assert_accessible(operator)
    operator.page.get_by_role("link", name="sent: 2").click()
    expect(operator.page.locator("#result_list tbody tr")).to_have_count(2)
    operator.page.wait_for_load_state()
    assert_accessible(operator)
    operator.page.get_by_role("link", name="guest@example.com").click()
    operator.page.wait_for_url("**/change/**", wait_until="load")
    assert_accessible(operator)
    operator.open("/admin/invitations/suppression/")
    assert_accessible(operator)


def test_a_batch_goes_out_by_keyboard_alone(sign_in):
    ada = sign_in()
    ada.open("/invitations/batch/")
    ada.page.get_by_label("Email addresses").focus()
    ada.page.keyboard.type("guest@example.com")
    for _ in range(2):
        ada.page.keyboard.press("Tab")
    ada.page.keyboard.type(NOTE)
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    send = button(ada, "Send 1 invitation")
    expect(send).to_be_visible()
    tab_to(ada.page, send)
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_text("1 invitation is on its way.")).to_be_visible()


def test_a_batch_on_a_phone_without_javascript(sign_in, site):
    ada = sign_in(**PHONE, java_script_enabled=False)
    ada.open("/invitations/batch/")
    ada.page.get_by_label("Email addresses").fill(THREE)
    button(ada, "Look at them").click()
    assert_fits(ada)
    button(ada, "Send 3 invitations").click()
    assert_fits(ada)
    site.start_worker("invites")
    ada.look_again_until(lambda: "Finished on" in summary(ada).inner_text())
    assert_summed_up(ada)
    assert_fits(ada)
    ada.open("/invitations/batch/")
    assert_fits(ada)
    ada.page.get_by_role("link", name="3 invited").click()
    assert_summed_up(ada)
