"""Reads what visitors type into forms: more forgiving than `values`, but it never guesses.

Numbers: digits with an optional decimal point or comma; thousands may be set apart by spaces or
apostrophes ("3 000", "3'000"), by both separators ("3.000,50", "3,000.50") or by one that occurs
more than once ("3,000,000"). "3,000" and "3.000" mean three to some people and three thousand to
others, so they are refused with that reason.

Dates: year-month-day, or day.month.year with dots. With slashes the order is anybody's guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.choices import pick
from wagtail_salesforce.contacts.fields import TEXT_TYPES, FieldType
from wagtail_salesforce.contacts.values import clean_text, to_python


NUMBERS = {FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT}
MAX_TYPED_NUMBER = 60

_SPACED = re.compile(r"[+-]?\d{1,3}([ '’]\d{3})+(?![ '’\d])")
_GROUPED = {
    # A separator that groups thousands, beside a decimal separator or occurring repeatedly.
    ",": re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+\Z|[+-]?\d{1,3}(,\d{3}){2,}\Z", re.ASCII),
    ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+\Z|[+-]?\d{1,3}(\.\d{3}){2,}\Z", re.ASCII),
}
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+\Z", re.ASCII)
_DOTTED_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\Z", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:", re.ASCII)
_WORDS = {
    True: "true yes y on 1 x ja j oui sí si sim tak áno ano da evet kyllä да はい",
    False: "false no n off 0 nein nee non não nao nie ne nej nei hayır ei нет いいえ",
}
BOOLEANS: Mapping[str, bool] = {
    word: answer for answer, words in _WORDS.items() for word in words.split()
}


def read(
    value: Any,
    kind: FieldType,
    *,
    number_field: bool = False,
    choices: Sequence[str] | None = None,
) -> Any:
    """The Python form of a form field's value, or None when it is empty.

    `value` is what the form's cleaned data or the stored JSON holds. `number_field` says that
    the form checked it as a number, so that "3.000" is certainly three. With `choices` a text
    must be one of them, whatever its case, and becomes that choice. Raises ValueError with a
    sentence that names the cure and not the value.
    """
    value = flatten(value)
    if kind in TEXT_TYPES:
        text = to_python(as_text(value), kind)
        return text if choices is None or text is None else pick(text, choices)
    if isinstance(value, str):
        value = _typed(clean_text(value), kind, number_field)
    if kind is FieldType.DATE:
        value = _day(value)
    elif kind is FieldType.DATETIME:
        value = _midnight(value)
    return to_python(value, kind)


def flatten(value: Any) -> Any:
    """A list (checkboxes, multiple select) as one text joined by "; "; anything else as it is."""
    if isinstance(value, (list, tuple)):
        return "; ".join(text for text in map(as_text, value) if text)
    return value


def as_text(value: Any) -> str:
    """Any simple value as text; ValueError for files and other things that are none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (bytes, dict, list, set, tuple)) or hasattr(value, "read"):
        raise ValueError(_("Files and structured values cannot fill a contact."))
    return clean_text(str(value))


def _typed(text: str, kind: FieldType, number_field: bool) -> str:
    if kind in NUMBERS and not number_field:
        return plain_number(text)
    if kind is FieldType.BOOLEAN:
        return str(BOOLEANS.get(text.casefold(), text)).lower()
    return _iso_date(text) if kind is FieldType.DATE else text


def plain_number(text: str) -> str:
    """A typed number in plain notation ("3000.50"); what is none is returned as it is.

    Raises ValueError when the number could mean two things.
    """
    text = _plain_digits(text) if len(text) <= MAX_TYPED_NUMBER else text
    if _AMBIGUOUS.match(text):
        raise ValueError(
            _("A separator before three digits can mean thousands or decimals. Use a number field.")
        )
    if _SPACED.match(text):
        text = re.sub("[ '’]", "", text)
    for separator, pattern in _GROUPED.items():
        if pattern.match(text):
            text = text.replace(separator, "")
    return text.replace(",", ".") if _DECIMAL_COMMA.match(text) else text


def _plain_digits(text: str) -> str:
    # NFKC turns no-break spaces into spaces and full-width digits into digits.
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    return "".join(str(unicodedata.decimal(char, char)) for char in text)


def _day(value: Any) -> Any:
    """The calendar day of a moment, in the site's time zone."""
    if isinstance(value, str) and _ISO_MOMENT.match(value):
        value = to_python(value, FieldType.DATETIME)
    if isinstance(value, datetime):
        return localtime(to_python(value, FieldType.DATETIME)).date()
    return value


def _midnight(value: Any) -> Any:
    """A day as the moment it begins, in the site's time zone; a moment stays what it is."""
    if isinstance(value, str) and _ISO_DATE.match(_iso_date(value)):
        value = to_python(_iso_date(value), FieldType.DATE)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value


def _iso_date(text: str) -> str:
    match = _DOTTED_DATE.match(text)
    if not match:
        return text
    day, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"
