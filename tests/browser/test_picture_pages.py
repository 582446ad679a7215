"""The gallery and a picture's page: several chosen at once, the focal point by a click and by keyboard."""

import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.accounts import OPERATOR
from tests.browser.axe import assert_accessible
from tests.browser.test_keyboard import tab_to
from tests.browser.test_phone import PHONE, assert_fits

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def circle(person):
    return person.page.locator(".aim circle")


def test_the_chosen_ones_stay_chosen_when_the_page_changes_and_are_deleted_when_confirmed(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    for name in ("one.jpg", "two.jpg", "three.jpg"):
        ada.upload(name, side=64)
    for name in ("one.jpg", "two.jpg"):
        ada.page.get_by_label(f"Choose {name}").check()
    with ada.without_reload():
        site.start_worker("thumbs")
        expect(ada.page.locator(".pictures .state-good")).to_have_count(3)
        expect(ada.page.get_by_label("Choose one.jpg")).to_be_checked()
    ada.page.get_by_role("button", name="Delete the chosen").click()
    expect(ada.page.get_by_role("heading", name="Delete 2 pictures?")).to_be_visible()
    assert_accessible(ada)
    ada.page.get_by_role("button", name="Delete them").click()
    expect(ada.page.get_by_text("2 pictures are deleted.")).to_be_visible()
    expect(ada.page.locator(".pictures > li")).to_have_count(1)
    assert_accessible(ada)
    operator = sign_in(name=OPERATOR)
    operator.open("/admin/thumbnails/picture/?q=three.jpg")
    assert_accessible(operator)
    operator.page.get_by_role("link", name="three.jpg").first.click()
    expect(operator.page.get_by_role("img", name="a.jpeg")).to_be_visible()
    assert_accessible(operator)


def test_the_focal_point_is_set_by_a_click_and_by_keyboard_alone(sign_in, site):
    ada = sign_in(**PHONE)
    ada.open_live("/pictures/")
    ada.upload("holiday.jpg", side=600)
    ada.page.get_by_role("link", name="holiday.jpg", exact=True).click()
    site.start_worker("thumbs")
    picture = ada.page.locator(".aim input")
    expect(picture).to_be_visible()
    picture.click(position={"x": 72, "y": 216})
    expect(ada.page.get_by_text("The focal point of holiday.jpg is set.")).to_be_visible()
    expect(circle(ada)).to_have_attribute("cx", "25%")
    expect(circle(ada)).to_have_attribute("cy", "75%")
    expect(ada.page.locator(".state").first).to_have_text("ready")
    assert_fits(ada)
    assert_accessible(ada)
    left = ada.page.get_by_label("From the left, %")
    tab_to(ada.page, left)
    expect(left).to_have_value("25")
    ada.page.keyboard.press("ControlOrMeta+a")
    ada.page.keyboard.type("10")
    ada.page.keyboard.press("Enter")
    expect(circle(ada)).to_have_attribute("cx", "10%")


def test_in_another_window_the_focal_point_follows_unless_it_is_being_typed(sign_in, site):
    ada = sign_in()
    ada.open("/pictures/")
    ada.upload("holiday.jpg", side=600)
    site.start_worker("thumbs")
    expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("ready")
    ada.picture("holiday.jpg").get_by_role("link").click()
    other = sign_in(name=ada.name)
    other.open_live(urlsplit(ada.page.url).path)
    other.page.get_by_label("From the top, %").fill("33")
    ada.page.locator(".aim input").click(position={"x": 72, "y": 216})
    expect(ada.page.get_by_text("The focal point of holiday.jpg is set.")).to_be_visible()
    left = ada.page.get_by_label("From the left, %").input_value()
    assert left != "50"
    expect(circle(other)).to_have_attribute("cx", f"{left}%")
    expect(other.page.get_by_label("From the left, %")).to_have_value(left)
    expect(other.page.get_by_label("From the top, %")).to_have_value("33")


def test_pages_with_pictures_do_not_grow_with_every_push(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    for name in ("one.jpg", "three.jpg"):
        ada.upload(name, side=64)
    worker = site.start_worker("thumbs")
    expect(ada.page.locator(".pictures .state-good")).to_have_count(2)
    worker.signal_group(signal.SIGTERM)
    worker.wait()
    ada.upload("two.jpg", side=64)
    devtools = ada.context.new_cdp_session(ada.page)
    devtools.send("Performance.enable")

    def nodes() -> float:
        devtools.send("HeapProfiler.collectGarbage")
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "Nodes")

    def call_off_and_try_again():
        """Each brings the whole page anew."""
        ada.picture("two.jpg").get_by_role("button", name="Cancel").click()
        ada.picture("two.jpg").get_by_role("button", name="Try again").click()
        expect(ada.picture("two.jpg").get_by_role("button", name="Cancel")).to_be_visible()

    with ada.without_reload():
        call_off_and_try_again()
        before = nodes()
        for _ in range(10):
            call_off_and_try_again()
        # Of each push some hundred nodes would be left.
        assert nodes() < before + 500


def test_without_javascript_the_chosen_are_deleted_by_forms(sign_in, site):
    ada = sign_in(java_script_enabled=False)
    ada.open("/pictures/")
    for name in ("one.jpg", "two.jpg", "three.jpg"):
        ada.upload(name, side=64)
    for name in ("one.jpg", "two.jpg"):
        ada.page.get_by_label(f"Choose {name}").check()
    ada.page.get_by_role("button", name="Delete the chosen").click()
    ada.page.get_by_role("button", name="Delete them").click()
    expect(ada.page.locator(".pictures > li")).to_have_count(1)
    ada.page.get_by_role("button", name="Delete three.jpg").click()
    ada.page.get_by_role("button", name="Delete it").click()
    expect(ada.page.get_by_text("three.jpg and its thumbnails are deleted.")).to_be_visible()
