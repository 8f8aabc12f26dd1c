"""The visitors come: each opens the pages in question and sends the forms on them."""

from __future__ import annotations

from bs4 import Tag

from example_site.demo.browser import Browser
from example_site.demo.people import Person, Visit
from example_site.demo.processes import DemoFailed


def come(site: str, person: Person) -> int:
    """Let a person make all their visits; the number of forms they sent."""
    with Browser(site) as browser:
        browser.open("/")
        browser.send(_asks_about_cookies, {"cookies": "yes"})
        for visit in person.visits:
            _visit(browser, person, visit)
    return len(person.visits)


def _visit(browser: Browser, person: Person, visit: Visit) -> None:
    browser.open(visit.path)
    browser.send(_asks_for_a_name, person.own_fields() | visit.typed)
    if browser.page.select_one("[data-form-received]") is None:
        errors = [error.get_text(" ", strip=True) for error in browser.page.select(".errorlist")]
        raise DemoFailed(f"The form at {visit.path} was not accepted: {' '.join(errors)}")


def _asks_about_cookies(form: Tag) -> bool:
    return form.find("button", attrs={"name": "cookies"}) is not None


def _asks_for_a_name(form: Tag) -> bool:
    return form.find(id="id_last_name") is not None
