"""An editor at work: logs into the admin and presses *Replicate now* on the panel."""

from __future__ import annotations

from bs4 import Tag

from example_site.demo.browser import Browser
from example_site.demo.pages import ADMIN_PASSWORD, ADMIN_USER


def replicate_now(site: str) -> None:
    """Press the button, as an editor would."""
    with Browser(site) as browser:
        browser.open("/admin/login/?next=/admin/salesforce/")
        browser.send(_is_login, {"username": ADMIN_USER, "password": ADMIN_PASSWORD})
        browser.send(_is_replicate_now, {})


def _is_login(form: Tag) -> bool:
    return form.find("input", type="password") is not None


def _is_replicate_now(form: Tag) -> bool:
    return any(button.get_text(strip=True) == "Replicate now" for button in form.find_all("button"))
