"""A page whose socket was cut finds its way back by itself, and then shows what happened meanwhile."""

import signal

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.records import wait_until_sent

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_the_web_server_is_restarted_and_the_page_catches_up(sign_in, site, ending, guest):
    web = site.start_web()
    ada = sign_in(url=site.url)
    ada.open("/invitations/")
    ada.invite(guest)
    ada.wait_until_live()
    with ada.without_reload():
        web.signal_group(ending)
        web.wait()
        # Nobody can tell the page: the web server is not there.
        site.start_worker("invites")
        wait_until_sent(site, ada, guest)
        expect(ada.state_of(guest)).to_have_text("queued")
        site.start_web()
        expect(ada.state_of(guest)).to_have_text("sent")


def test_while_it_is_cut_off_the_page_says_so(sign_in, site):
    web = site.start_web()
    ada = sign_in(url=site.url)
    ada.open_live("/invitations/")
    lost = ada.page.get_by_text("does not follow the work at the moment")
    expect(lost).to_be_hidden()
    web.signal_group(signal.SIGKILL)
    expect(lost).to_be_visible()
    web.wait()
    site.start_web()
    expect(lost).to_be_hidden()


def test_where_no_socket_gets_through_the_forms_go_the_ordinary_way(sign_in, guest):
    ada = sign_in()
    ada.page.route_web_socket("**/live/*", lambda socket: socket.close(code=1006))
    ada.open("/invitations/")
    ada.invite(guest)
    ada.row(guest).get_by_role("button", name="Cancel").click()
    expect(ada.state_of(guest)).to_have_text("cancelled")
    assert ada.pushed == []


def test_a_laptop_that_slept_wakes_up_to_what_happened(sign_in, site, deployment, request, guest):
    line = Line(deployment.port)
    request.addfinalizer(line.close)
    ada = sign_in(url=line.url)
    ada.open("/invitations/")
    ada.invite(guest)
    ada.wait_until_live()
    with ada.without_reload():
        line.fall_asleep()
        site.start_worker("invites")
        wait_until_sent(site, ada, guest)
        expect(ada.state_of(guest)).to_have_text("queued")
        line.wake_up()
        expect(ada.state_of(guest)).to_have_text("sent")
