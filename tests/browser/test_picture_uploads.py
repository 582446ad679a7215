"""Many files at once: chosen, dropped or pasted, each with a bar, a reason, and a way back."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import assert_accessible
from tests.browser.person import photo

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

# As from a file manager, or from the clipboard: Chromium lets no script make a real drag.
HAND_OVER = """([kind, files]) => {
    const data = new DataTransfer()
    for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, {type: 'image/jpeg'}))
    const init = {bubbles: true, cancelable: true}
    const target = document.querySelector('h1')
    if (kind === 'paste') return target.dispatchEvent(new ClipboardEvent('paste', {...init, clipboardData: data}))
    target.dispatchEvent(new DragEvent('dragover', {...init, dataTransfer: data}))
    return !target.dispatchEvent(new DragEvent('drop', {...init, dataTransfer: data}))
}"""


def hand_over(person, kind: str, **files: bytes | int) -> None:
    """A number is that many zeros."""
    given = [
        [name.replace("_", "."), content if isinstance(content, int) else list(content)]
        for name, content in files.items()
    ]
    person.page.evaluate(HAND_OVER, [kind, given])


def choose(person, **files: bytes) -> None:
    person.page.get_by_label("Upload pictures").set_input_files(
        [{"name": name.replace("_", "."), "mimeType": "image/jpeg", "buffer": file} for name, file in files.items()]
    )
    person.page.get_by_role("button", name="Upload", exact=True).click()


def row(person, name: str):
    return person.page.locator("#uploads > li").filter(has_text=name)


def told(person):
    return person.page.locator("#uploads-said")


class Gate:
    """Holds back uploads of a page between the browser and the site."""

    def __init__(self, person) -> None:
        self.page = person.page
        self.waiting: list = []
        self.page.route("**/pictures/upload", lambda route: self.waiting.append(route))

    def let_go(self) -> None:
        while not self.waiting:
            # What Playwright hears of the page it tells only while it is asked something.
            self.page.evaluate("new Promise(requestAnimationFrame)")
        self.waiting.pop(0).continue_()


def test_dropped_files_become_pictures_and_those_refused_say_why(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    with ada.without_reload():
        hand_over(ada, "drop", one_jpg=photo(64), empty_jpg=b"", two_jpg=photo(64))
        for name in ("one.jpg", "two.jpg"):
            expect(ada.picture(name).locator(".state")).to_have_text("waiting")
            expect(row(ada, name)).to_have_count(0)
        expect(row(ada, "empty.jpg")).to_contain_text("The file is empty.")
        expect(told(ada)).to_have_text("2 of 3 files are uploaded.")
        hand_over(ada, "paste", image_png=photo(64))
        expect(ada.picture("image.png")).to_be_visible()
        assert_accessible(ada)
        # What would be refused is never sent.
        gate = Gate(ada)
        hand_over(ada, "drop", **{f"n{number}_jpg": b"x" for number in range(21)})
        expect(told(ada)).to_have_text("You chose 21 files. Choose at most 20 at a time.")
        hand_over(ada, "drop", huge_jpg=25 * 1024 * 1024)
        expect(row(ada, "huge.jpg")).to_contain_text("The file has 25 MB, and at most 20 MB are accepted.")
        assert gate.waiting == []


def test_three_are_on_their_way_at_once_and_any_can_be_called_off(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    gate = Gate(ada)
    with ada.without_reload():
        choose(ada, **{f"{name}_jpg": photo(64) for name in "abcde"})
        expect(ada.page.locator("#uploads .state")).to_have_text(["uploading"] * 3 + ["waiting"] * 2)
        row(ada, "d.jpg").get_by_role("button", name="Cancel uploading d.jpg").click()
        expect(row(ada, "d.jpg").locator(".state")).to_have_text("cancelled")
        assert ada.page.evaluate("document.activeElement.textContent.includes('d.jpg')"), "the focus is lost"
        assert len(gate.waiting) <= 3
        for name in "abce":
            gate.let_go()
            expect(ada.picture(f"{name}.jpg")).to_be_visible()
        row(ada, "d.jpg").get_by_role("button", name="Upload again: d.jpg").click()
        gate.let_go()
        expect(ada.picture("d.jpg")).to_be_visible()


def test_an_upload_under_way_is_called_off_in_the_middle(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    # Slow enough that the bar is seen to move.
    network = ada.context.new_cdp_session(ada.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    network.send("Network.emulateNetworkConditions", slow)
    choose(ada, large_jpg=photo(1600))
    ada.page.wait_for_function("document.querySelector('#uploads progress')?.value > 0")
    row(ada, "large.jpg").get_by_role("button", name="Cancel").click()
    expect(row(ada, "large.jpg").locator(".state")).to_have_text("cancelled")
    ada.page.reload()
    expect(ada.picture("large.jpg")).to_have_count(0)


def test_a_connection_that_breaks_off_or_a_session_that_ended_is_told_and_tried_again(sign_in, site):
    ada = sign_in()
    ada.open_live("/pictures/")
    ada.page.route("**/pictures/upload", lambda route: route.abort())
    choose(ada, holiday_jpg=photo(64))
    expect(row(ada, "holiday.jpg")).to_contain_text("The connection broke off")
    expect(told(ada)).to_contain_text("holiday.jpg: The connection broke off")
    ada.page.unroute_all()
    cookies = ada.context.cookies()
    ada.context.clear_cookies(name="sessionid")
    row(ada, "holiday.jpg").get_by_role("button", name="Upload again").click()
    expect(row(ada, "holiday.jpg")).to_contain_text("no answer that this page understands")
    ada.context.add_cookies(cookies)
    row(ada, "holiday.jpg").get_by_role("button", name="Upload again").click()
    expect(ada.picture("holiday.jpg")).to_be_visible()


def test_without_the_socket_an_upload_leads_to_its_page(sign_in, site):
    ada = sign_in()
    ada.page.route_web_socket("**/live/*", lambda socket: socket.close(code=1006))
    ada.open("/pictures/")
    choose(ada, holiday_jpg=photo(64))
    expect(row(ada, "holiday.jpg").locator(".state")).to_have_text("uploaded")
    row(ada, "holiday.jpg").get_by_role("link", name="holiday.jpg").click()
    expect(ada.page.get_by_role("heading", name="holiday.jpg")).to_be_visible()


def test_where_a_bucket_takes_uploads_the_file_goes_past_the_site_and_through_it_when_that_fails(sign_in, site):
    site.env |= {"S3_BUCKET": "uploads", "S3_ENDPOINT_URL": "http://127.0.0.1:9", "S3_REGION": "eu-1"}
    site.env |= {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "secret", "S3_DIRECT_UPLOADS": "1"}
    site.start_web()
    ada = sign_in(url=site.url)
    ada.open_live("/pictures/")
    forms: list[bytes] = []

    def bucket(route) -> None:
        forms.append(route.request.post_data_buffer)
        route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})

    ada.page.route("http://127.0.0.1:9/**", bucket)
    choose(ada, holiday_jpg=photo(64))
    expect(ada.picture("holiday.jpg").locator(".state")).to_have_text("waiting")
    assert b'name="policy"' in forms[0]
    ada.page.unroute_all()
    choose(ada, other_jpg=photo(64))
    # The site has no other bucket than this one, which is not there.
    expect(row(ada, "other.jpg")).to_contain_text("could not be stored just now")
    expect(ada.picture("other.jpg")).to_have_count(0)
