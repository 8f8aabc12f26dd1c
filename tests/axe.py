"""Looks at a page with axe, in light and in dark."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


AXE = Axe()
RUN = "([part, options]) => axe.run({ include: [[part]] }, options)"
# What axe would load beforehand, every style sheet once more, is for sounds: no page makes any.
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
# A scheme changes colours and nothing else, so a page that has passed every rule in one needs only
# these in the other.
RULES_OF_COLOURS = {**EVERY_RULE, "runOnly": ["color-contrast", "link-in-text-block"]}

# What fades in has no colours yet.
IS_STILL = """() => document.readyState === 'complete' && !document.getAnimations().some(
    each => each.playState === 'running' && Number.isFinite(each.effect.getComputedTiming().endTime)
)"""


def check_with_axe(page: Page, part: str = "html") -> None:
    """Fails for what axe finds within a part of the page; leaves the page in light."""
    page.wait_for_function(IS_STILL)
    page.evaluate(AXE.axe_script)
    for scheme, options in (("light", EVERY_RULE), ("dark", RULES_OF_COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(IS_STILL)
        found = AxeResults(page.evaluate(RUN, [part, options]))
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    page.emulate_media(color_scheme="light")
