"""A real Chromium (the `browser` of all tests) on the live test site."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, Page, expect

from tests.axe import check_with_axe
from tests.browser.waiting import PATIENCE, becomes, resize
from tests.browser.windows import NARROW, WIDE, Shelf, Windows
from tests.first_data import put_back
from tests.one_at_a_time import browsing


expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory drives a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def first_data(live_server: Any) -> None:
    """The root page, its site and the rest, also after a test that emptied the database."""
    put_back()


@pytest.fixture(scope="session")
def shelf(browser: Browser, live_server: Any) -> Iterator[Shelf]:
    """The windows that tests leave to each other.

    A window keeps its connections to the live server, which has a thread for each of them. When
    one ends it closes the database, and that it may do as long as the live server is there.
    """
    shelf = Shelf(browser)
    yield shelf
    shelf.clear()
    becomes(connections_of_windows, [])


def connections_of_windows() -> list[str]:
    """The threads of the live server that have somebody to listen to."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if "process_request_thread" in name]


@pytest.fixture
def windows(browser: Browser, shelf: Shelf, live_server: Any, settings: Any) -> Iterator[Windows]:
    """Windows on the live site. A script error in any of them fails the test."""
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    opened = Windows(browser, shelf, live_server.url)
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
        check_with_axe(page, part)

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
        resize(page, NARROW)
        becomes(lambda: page.locator(part).first.evaluate(TOO_WIDE), [])
        resize(page, WIDE)

    return check
