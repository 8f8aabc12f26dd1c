"""A real Chromium (the `browser` of all tests) on the live test site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.first_data import put_back
from tests.one_at_a_time import browsing


WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}

# As patient with what a page comes to show as with what it lets itself be asked: a busy machine
# needs a while for 800 rows.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)

AXE = Axe()
RUN_AXE = "([part, options]) => axe.run({ include: [[part]] }, options)"
EVERY_RULE = {"resultTypes": ["violations"]}
# A scheme changes colours and nothing else, so a page that has passed every rule in one needs only
# these in the other.
RULES_OF_COLOURS = {
    **EVERY_RULE,
    "runOnly": ["color-contrast", "link-in-text-block"],
    "preload": False,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory drives a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class Windows:
    """Opens windows of different people, and notes what goes wrong in their consoles."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.contexts: list[Any] = []
        self.errors: list[str] = []

    def open(self, user: Any = None, **options: Any) -> Page:
        """A window of its own, logged in as `user` or not at all."""
        options.setdefault("viewport", WIDE)
        context = self.browser.new_context(base_url=self.base_url, **options)
        if user is not None:
            context.add_cookies([self._cookie(user)])
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _cookie(self, user: Any) -> Any:
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        return {"name": "sessionid", "value": value, "url": self.base_url}

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture(autouse=True)
def first_data(live_server: Any) -> None:
    """The root page, its site and the rest, also after a test that emptied the database."""
    put_back()


@pytest.fixture
def windows(browser: Browser, live_server: Any, settings: Any) -> Iterator[Windows]:
    """Windows on the live site. A script error in any of them fails the test."""
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    opened = Windows(browser, live_server.url)
    with browsing():
        yield opened
        opened.close()
    assert opened.errors == []


@pytest.fixture
def admin(live_server: Any) -> Any:
    """Somebody who may do everything."""
    return get_user_model().objects.create_superuser("admin", "admin@example.org", "pass")


@pytest.fixture
def page(windows: Windows, admin: Any) -> Page:
    """A window of the administrator."""
    return windows.open(admin)


@pytest.fixture
def visitor(windows: Windows) -> Page:
    """A window of somebody who is not logged in."""
    return windows.open()


def stand_still(page: Page) -> None:
    """Colours on their way to another scheme are nobody's colours, nor is a sliding side bar a width."""
    page.add_style_tag(content="* { transition: none !important; }")


@pytest.fixture
def check_accessibility() -> Callable[..., None]:
    """Fails for what axe finds within a part of the page, in light and in dark."""

    def check(page: Page, part: str) -> None:
        # A page whose address is there may not have come yet.
        page.wait_for_load_state("load")
        page.locator(part).first.wait_for()
        stand_still(page)
        page.evaluate(AXE.axe_script)
        for scheme, options in (("light", EVERY_RULE), ("dark", RULES_OF_COLOURS)):
            page.emulate_media(color_scheme=scheme)
            found = AxeResults(page.evaluate(RUN_AXE, [part, options]))
            assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
        page.emulate_media(color_scheme="light")

    return check


# Elements that reach over the edge, unless something around them scrolls or cuts them off.
TOO_WIDE = """part => [...part.querySelectorAll('*')].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || (box.left >= 0 && box.right <= window.innerWidth)) return false;
    for (let around = element.parentElement; around !== part; around = around.parentElement) {
        if (getComputedStyle(around).overflowX !== 'visible') return false;
    }
    return true;
}).map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def check_width() -> Callable[..., None]:
    """Fails when something in a part of the page is wider than a telephone."""

    def check(page: Page, part: str = "main") -> None:
        page.wait_for_load_state("load")
        page.locator(part).first.wait_for()
        stand_still(page)
        page.set_viewport_size(NARROW)
        wide = page.locator(part).first.evaluate(TOO_WIDE)
        page.set_viewport_size(WIDE)
        assert wide == []

    return check
