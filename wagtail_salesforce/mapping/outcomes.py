"""What a conversion may answer besides a plain value: a refusal, or a shortened text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Refusal:
    """The value cannot be sent, so the contact is suspended.

    `field` is the Lead field's API name; `code` is Salesforce's own where it has one for the same
    fault (REST guide, "Status Codes and Error Responses"); `message` holds no personal value.
    """

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Shortened:
    """The text did not fit: `value` is sent. `was` and `now` are lengths as Salesforce counts."""

    field: str
    value: str
    was: int
    now: int

    @property
    def message(self) -> str:
        """The sentence for the contact's timeline; it holds no personal value."""
        return gettext(
            "The value for %(field)s was shortened from %(was)d to %(now)d characters."
        ) % {"field": self.field, "was": self.was, "now": self.now}


# A JSON-ready value (str, int, float, bool or None), or one of the two above.
Converted = Any
