"""A visitor's browser: it reads pages, fills in the forms on them by their labels, and sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from example_site.demo.processes import DemoFailed


SECONDS = 30

# What it says it is: the site does not remember robots.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Browser:
    """One person's session with the site: cookies and the page being looked at."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.headers["User-Agent"] = USER_AGENT
        self.page = BeautifulSoup("", "html.parser")
        self.address = site

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.session.close()

    def open(self, path: str) -> None:
        """Look at a page."""
        self._show(self.session.get(urljoin(self.site, path), timeout=SECONDS))

    def send(self, choose: Callable[[Tag], bool], typed: Mapping[str, Any]) -> None:
        """Fill in the first form that is wanted, by the labels of its fields, and send it."""
        form = next((form for form in self.page.find_all("form") if choose(form)), None)
        if form is None:
            raise DemoFailed(f"There is no such form at {self.address}.")
        data = _filled(form, typed)
        address = urljoin(self.address, str(form.get("action") or ""))
        headers = {"Referer": self.address}
        self._show(self.session.post(address, data, headers=headers, timeout=SECONDS))

    def _show(self, response: requests.Response) -> None:
        self.address = response.url
        if not response.ok:
            raise DemoFailed(f"{response.url} answered {response.status_code}.")
        self.page = BeautifulSoup(response.text, "html.parser")


def _filled(form: Tag, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser sends: the hidden fields, and each typed value under its field's name."""
    data = {
        str(field["name"]): field.get("value", "")
        for field in form.select("input[type=hidden][name]")
    }
    return data | {_name(form, label): _sent(value) for label, value in typed.items()}


def _name(form: Tag, label: str) -> str:
    """The name of the field with this label; words such as "required" may follow it.

    Where the labels are not ours to know, the name itself will do.
    """
    if any(field.get("name") == label for field in form.find_all(["input", "button"])):
        return label
    for found in form.find_all("label"):
        words = " ".join(found.get_text(" ").split())
        if words.removesuffix("required").strip() == label:
            field = form.find(id=str(found.get("for")))
            if isinstance(field, Tag):
                return str(field["name"])
    raise DemoFailed(f"The form has no field called “{label}”.")


def _sent(value: Any) -> str:
    return "on" if value is True else str(value)
