"""The conditions against spam of a form connection, as its column `conditions` holds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import Problem


#: Nobody waits longer before a form may be sent.
MOST_SECONDS = 600
KEYS = ("honeypot", "seconds", "check")


@dataclass(frozen=True)
class Conditions:
    """What a submission must meet to become a contact; what is empty asks for nothing.

    `honeypot` is the form field that must stay empty, `seconds` the least time to fill in the
    form, `check` the name of a registered check.
    """

    honeypot: str = ""
    seconds: int = 0
    check: str = ""

    @classmethod
    def of(cls, document: Any) -> Conditions:
        """The conditions of a column's value; what is malformed asks for nothing."""
        if not isinstance(document, dict) or list(shape_problems(document)):
            return cls()
        return cls(**document)

    def document(self) -> dict[str, Any]:
        """The value of the column, without what is empty."""
        return {key: value for key in KEYS if (value := getattr(self, key))}


def shape_problems(document: Any) -> Iterator[Problem]:
    """What is wrong with the document itself, whatever form it is for."""
    if not isinstance(document, dict):
        yield Problem("", _("The conditions must be an object."))
        return
    for key in document:
        if key not in KEYS:
            text = _("There is no condition of this name. There are: %(names)s.")
            yield Problem(str(key), text % {"names": ", ".join(KEYS)})
    for key in ("honeypot", "check"):
        if not isinstance(document.get(key, ""), str):
            yield Problem(key, _("Give a name, as text."))
    seconds = document.get("seconds", 0)
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not (whole and 0 <= seconds <= MOST_SECONDS):
        text = _("Give a whole number of seconds from 0 to %(most)d.")
        yield Problem("seconds", text % {"most": MOST_SECONDS})
