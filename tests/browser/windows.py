"""Windows of different people on the live site, kept for the tests that come after.

To open a window and load everything into it takes a second of the machine's time; to empty one
takes next to none, and what the browser has read and compiled stays.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.test import Client
from playwright.sync_api import Browser, Error, Page

from tests.browser.waiting import PATIENCE, SLOWDOWN


WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}

# Wagtail's pulsing badges would take a fifth of a processor for as long as a window is open.
WITHOUT_MOTION = {"viewport": WIDE, "reduced_motion": "reduce"}
MEDIA = ("media", "color_scheme", "forced_colors", "reduced_motion")
AS_NOBODY_SAID: Any = "null"
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


class Shelf:
    """The windows that are open and in nobody's hands, by the options they were opened with."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[str, list[Page]] = {}

    def take(self, options: dict[str, Any]) -> Page:
        """A window as new, with cookies, storage and cameras of nobody."""
        if kept := self._pages.get(repr(options)):
            return kept.pop()
        page = self._browser.new_context(**options).new_page()
        page.context.set_default_timeout(PATIENCE)
        slow_down(page)
        return page

    def put_back(self, page: Page, options: dict[str, Any]) -> None:
        """Empty a window; one that cannot be emptied is closed."""
        try:
            empty(page, options)
            self._pages.setdefault(repr(options), []).append(page)
        except Error:
            page.context.close()

    def clear(self) -> None:
        """Close all of them."""
        for page in (page for kept in self._pages.values() for page in kept):
            page.context.close()
        self._pages = {}


def slow_down(page: Page) -> None:
    """Take processor time from the window, to find what depends on a fast machine."""
    if SLOWDOWN > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})


def empty(page: Page, options: dict[str, Any]) -> None:
    """Make a window that has been used look as if it had just been opened."""
    for other in page.context.pages:
        if other is not page:
            other.close()
    page.unroute_all(behavior="ignoreErrors")
    # Not every document may store something.
    with suppress(Error):
        page.evaluate(FORGET)
    page.goto("about:blank")
    page.context.clear_cookies()
    page.emulate_media(**{name: options.get(name, AS_NOBODY_SAID) for name in MEDIA})
    page.set_viewport_size(options["viewport"])


class Windows:
    """Opens windows of different people, and notes what goes wrong in their consoles."""

    def __init__(self, browser: Browser, shelf: Shelf, base_url: str) -> None:
        self._browser = browser
        self._shelf = shelf
        self.base_url = base_url
        self.errors: list[str] = []
        self._open: list[tuple[Page, dict[str, Any] | None]] = []

    def open(self, user: Any = None, *, keep: bool = True, **options: Any) -> Page:
        """A window of its own, logged in as `user` or not at all.

        With `keep=False` it is closed after the test, which is for what nothing takes back: a
        clock of its own, scripts for every page, an ear for dialogues.
        """
        options = {**WITHOUT_MOTION, "base_url": self.base_url, **options}
        page = (self._shelf if keep else Shelf(self._browser)).take(options)
        self._open.append((page, options if keep else None))
        if user is not None:
            page.context.add_cookies([self._cookie(user)])
        page.on("pageerror", self._note)
        return page

    def _note(self, error: Any) -> None:
        self.errors.append(str(error))

    def _cookie(self, user: Any) -> Any:
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        return {"name": "sessionid", "value": value, "url": self.base_url}

    def close(self) -> None:
        """Give back or close every window."""
        for page, options in self._open:
            if options is None:
                page.context.close()
            else:
                self._shelf.put_back(page, options)
                page.remove_listener("pageerror", self._note)
