"""How a test waits for what a script, a request or another page brings: never for a fixed time.

`expect(...)` of Playwright waits by itself; this is for everything that it has no words for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from playwright.sync_api import Locator, Page


# WS_BROWSER_SLOWDOWN=6 makes every window as slow as on a processor with a sixth of the speed.
SLOWDOWN = float(os.environ.get("WS_BROWSER_SLOWDOWN", "1"))
# A busy machine needs a while for 800 rows. For what a page comes to show as for what it lets
# itself be asked, in milliseconds.
PATIENCE = 60_000 * SLOWDOWN

Answer = TypeVar("Answer")


def eventually(ask: Callable[[], Answer], fits: Callable[[Answer], Any]) -> Answer:
    """Ask again and again until the answer fits; fails with the last one."""
    end = time.monotonic() + PATIENCE / 1000
    while not fits(answer := ask()):
        assert time.monotonic() < end, f"It stays at {answer!r}."
        time.sleep(0.05)
    return answer


def becomes(ask: Callable[[], Answer], wanted: Answer) -> None:
    """Ask again and again until the answer is the wanted one."""
    end = time.monotonic() + PATIENCE / 1000
    while (answer := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert answer == wanted


@contextmanager
def leaving(page: Page) -> Iterator[None]:
    """Around what leads to another page: at the end that page is there, and its scripts at work.

    For when the old page could be taken for the new one, or what comes next needs the scripts.
    """
    page.wait_for_load_state("load")
    page.evaluate("() => { window.wsOldPage = true; }")
    yield
    page.wait_for_function("() => !window.wsOldPage && document.readyState === 'complete'")
    page.wait_for_load_state("load")


# A browser that gets the letters too slowly takes each for the first one of another word; a select
# that loses the focus forgets what has been typed.
AGAIN = "select => { select.blur(); select.focus(); }"


def type_choice(select: Locator, text: str) -> None:
    """Choose by keyboard, as somebody at the select does: the entry that begins with the text."""

    def typed() -> str:
        select.page.keyboard.type(text)
        if not _chosen(select).startswith(text):
            select.evaluate(AGAIN)
        return _chosen(select)

    eventually(typed, lambda chosen: chosen.startswith(text))


def _chosen(select: Locator) -> str:
    label: str = select.evaluate("select => select.selectedOptions[0]?.label ?? ''")
    return label.strip()


def resize(page: Page, size: Any) -> None:
    """Give the window another size; the page knows of it afterwards."""
    page.set_viewport_size(size)
    page.wait_for_function("width => window.innerWidth === width", arg=size["width"])
