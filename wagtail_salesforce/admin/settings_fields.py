"""Whole numbers as people type them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _


# One and the same sign between all groups of three digits: 1,000 or 1.000 or 1 000 or 1'000.
_GROUPED = re.compile(r"\d{1,3}(?P<sign>[.,'’ \u00a0\u202f])\d{3}(?:(?P=sign)\d{3})*")
_NUMBER = re.compile(r"[+-]?\d{1,18}")


class WholeNumberField(forms.IntegerField):
    """A whole number in a range, typed with or without signs between the thousands.

    Django's own field reads “1.000” as 1. A text field rather than one of the type number, which
    gives the server nothing at all when somebody types a comma, and changes when it is scrolled.
    """

    widget = forms.TextInput

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.error_messages["required"] = self.error_messages["invalid"] = _wanted(least, most)

    def to_python(self, value: Any) -> int | None:
        text = str("" if value is None else value).strip()
        if not text:
            return None
        number = _as_number(text)
        if number is None or not self.least <= number <= self.most:
            raise forms.ValidationError(_wanted(self.least, self.most), code="invalid")
        return number

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "numeric", "autocomplete": "off"}


def _as_number(text: str) -> int | None:
    if _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    return int(text) if _NUMBER.fullmatch(text) else None


def _words(least: int, most: int) -> str:
    return _("Enter a whole number from %(least)s to %(most)s, in digits.") % {
        "least": number_format(least, force_grouping=True),
        "most": number_format(most, force_grouping=True),
    }


#: In the language of whoever reads it.
_wanted = lazy(_words, str)
