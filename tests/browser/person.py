"""Somebody in front of a browser window."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect

from tests.browser.accounts import PASSWORD
from tests.waiting import wait_until

# Counts what the socket has pushed into the page.
COUNT_PUSHES = "addEventListener('htmx:wsAfterMessage', () => { window.pushes = (window.pushes || 0) + 1 })"


class Person:
    """One signed-in user with one window. ``pushed`` is every text that came over its sockets; ``mishaps`` are the
    errors of the pages' scripts; ``loads`` counts how often the window got a document from the server."""

    def __init__(self, context: BrowserContext, url: str, name: str = "") -> None:
        self.context, self.url, self.name = context, url, name
        self.pushed: list[str] = []
        self.mishaps: list[str] = []
        self.loads = 0
        context.add_init_script(COUNT_PUSHES)
        self.page = self._new_page()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        page.on("websocket", self._listen)
        page.on("domcontentloaded", self._count)
        return page

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: self.pushed.append(str(text)))

    def _count(self, _: Page) -> None:
        self.loads += 1

    def sign_in(self) -> "Person":
        self.open("/login/")
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()
        return self

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def open_live(self, path: str) -> None:
        """Returns when the socket has brought the page up to date for the first time."""
        self.open(path)
        self.wait_until_live()

    def wait_until_live(self) -> None:
        self.page.wait_for_function("window.pushes > 0")

    @contextmanager
    def without_reload(self) -> Iterator[None]:
        """Fails when the window got a new document meanwhile."""
        before = self.loads
        yield
        assert self.loads == before, "the page was loaded anew"

    def address_field(self) -> Locator:
        return self.page.get_by_label("Email address of the person you invite")

    def try_to_invite(self, address: str) -> None:
        self.address_field().fill(address)
        self.page.get_by_role("button", name="Invite", exact=True).click()

    def invite(self, address: str) -> None:
        self.try_to_invite(address)
        expect(self.row(address)).to_be_visible()

    def other_address_field(self, address: str) -> Locator:
        return self.row(address).get_by_label("Different address")

    def send_elsewhere(self, address: str, other: str) -> None:
        self.other_address_field(address).fill(other)
        self.row(address).get_by_role("button", name="Send there").click()

    def sign_up_and_accept(self) -> None:
        """On the page behind an invitation's link."""
        self.page.get_by_label("Username").fill(f"newcomer-{self.name}")
        self.page.get_by_label("Password:", exact=True).fill("correct horse battery")
        self.page.get_by_label("Password confirmation").fill("correct horse battery")
        self.page.get_by_role("button", name="Sign up and accept the invitation").click()
        expect(self.page.get_by_role("heading", name="You have accepted")).to_be_visible()

    def row(self, address: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=address)

    def state_of(self, address: str) -> Locator:
        return self.row(address).locator(".state")

    def upload(self, name: str, side: int = 400) -> None:
        self.page.get_by_label("Upload pictures").set_input_files(
            {"name": name, "mimeType": "image/jpeg", "buffer": photo(side)}
        )
        self.page.get_by_role("button", name="Upload", exact=True).click()
        expect(self.picture(name)).to_be_visible()

    def picture(self, name: str) -> Locator:
        return self.page.locator(".pictures > li").filter(has_text=name)

    def said(self) -> Locator:
        """What the page told in answer to the last thing done over the socket."""
        return self.page.locator("#live-said")

    def look_again_until(self, condition: Callable[[], bool]) -> None:
        """Follow the page's own link to itself, as one does without JavaScript."""

        def look() -> bool:
            self.page.get_by_role("link", name="See how they are now").click()
            return condition()

        wait_until(look, lambda: self.page.content(), 20)


def photo(side: int) -> bytes:
    """Noise, which is work to compress."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(file, "JPEG", quality=70)
    return file.getvalue()
