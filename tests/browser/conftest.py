"""A real Chromium on the live test site.

Without /usr/bin/chromium these tests are skipped; WS_REQUIRE_BROWSER=1 makes that an error, so
that a test run that must include them cannot pass without them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright


CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}

# The synchronous Playwright runs an event loop, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory drives a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    if not os.path.exists(CHROMIUM):
        words = f"There is no browser at {CHROMIUM}, so the site was not tried with one."
        if os.environ.get("WS_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


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
        # Nothing outside of this machine: an avatar service, for one, must not slow tests down.
        context.route(lambda url: "127.0.0.1" not in url and "localhost" not in url, _abort)
        if user is not None:
            context.add_cookies([self._cookie(user)])
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
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


def _abort(route: Any) -> None:
    route.abort()


@pytest.fixture
def windows(
    browser: Browser, django_db_serialized_rollback: None, live_server: Any, settings: Any
) -> Iterator[Windows]:
    """Windows on the live site. A script error in any of them fails the test.

    Wagtail's root page and site come from migrations, and a live server's test empties the
    database, so they are put back for the next one.
    """
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    opened = Windows(browser, live_server.url)
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


@pytest.fixture
def check_accessibility() -> Callable[..., None]:
    """Fails for what axe finds within a part of the page, in light and in dark."""

    def check(page: Page, part: str) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(page, context={"include": [[part]]})
            assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
        page.emulate_media(color_scheme="light")

    return check


@pytest.fixture
def check_width() -> Callable[[Page], None]:
    """Fails when a page is wider than a telephone."""

    def check(page: Page) -> None:
        page.set_viewport_size(NARROW)
        wider = page.evaluate(
            """() => {
                const root = document.documentElement;
                const box = document.querySelector('.content-wrapper, main') || root;
                return Math.max(root.scrollWidth - root.clientWidth,
                                box.scrollWidth - box.clientWidth);
            }"""
        )
        page.set_viewport_size(WIDE)
        assert wider <= 0, f"{page.url} is {wider} pixels too wide"

    return check
