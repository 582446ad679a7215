"""On a phone: nothing to be scrolled sideways, and everything large enough for a finger."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

PHONE = {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
LONG = f"{'a-very-long-name-' * 3}without-any-space@a-rather-long-domain-name.example.com"
# Pixels, by WCAG 2.2, 2.5.8. Links within a sentence are excepted there; of the others the navigation's are measured.
LEAST = 24
TARGETS = "button, summary, nav a, input:not([type=hidden]), select, textarea"
TOO_SMALL = """([targets, least]) => [...document.querySelectorAll(targets)]
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .map(element => [element.outerHTML.slice(0, 100), element.getBoundingClientRect()])
    .filter(([html, box]) => box.width < least || box.height < least)
    .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
STICKING_OUT = """() => [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.closest('.scroll'))
    .map(element => element.outerHTML.slice(0, 100)).slice(0, 5)"""


def assert_no_scrolling_sideways(person):
    person.page.wait_for_load_state()
    width, room = person.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert room == 375
    assert width <= room, f"{person.page.url} is {width} px wide: {person.page.evaluate(STICKING_OUT)}"


def assert_fits(person):
    assert_no_scrolling_sideways(person)
    assert person.page.evaluate(TOO_SMALL, [TARGETS, LEAST]) == [], person.page.url


def test_the_invitations_fit_a_phone_in_every_state(sign_in, site, post_office):
    ada = sign_in(**PHONE)
    ada.open("/invitations/")
    for address in (LONG, "busy-bee@example.com", "nobody-here@example.com"):
        ada.invite(address)
    assert_fits(ada)
    site.start_worker("invites")
    expect(ada.state_of(LONG)).to_have_text("sent")
    expect(ada.state_of("busy-bee@")).to_have_text("retrying")
    expect(ada.state_of("nobody-here@")).to_have_text("given up")
    assert_fits(ada)
    ada.page.goto(post_office.link_to(LONG))
    assert_fits(ada)


def test_the_pictures_fit_a_phone(sign_in, site):
    ada = sign_in(**PHONE)
    ada.open("/pictures/")
    ada.upload(f"{'a-very-long-name-' * 4}.jpg")
    assert_fits(ada)
    site.start_worker("thumbs")
    expect(ada.picture("a-very-long-name").locator(".state")).to_have_text("ready")
    assert_fits(ada)
    ada.picture("a-very-long-name").get_by_role("link").click()
    expect(ada.page.get_by_role("link", name="View")).to_have_count(12)
    assert_fits(ada)


@pytest.mark.parametrize("path", ["/", "/login/"])
def test_the_entrance_fits_a_phone(visit, path):
    visitor = visit(**PHONE)
    visitor.open(path)
    assert_fits(visitor)
