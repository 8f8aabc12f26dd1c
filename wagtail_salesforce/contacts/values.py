"""Typed values in two forms: as Python has them, and as JSON keeps them.

    type                 Python form          JSON form
    text, long_text      str                  string
    choice               str                  string
    integer              int                  number
    decimal              Decimal              string, such as "12.50" (numbers are accepted)
    float                float                number
    boolean              bool                 true or false
    date                 date                 "2026-02-28"
    datetime             aware datetime       "2026-02-28T09:30:00+00:00"

Both functions accept either form, and None or "" for "no value". Errors are ValueErrors whose
sentence says what to give instead, without repeating the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.choices import no_choice
from wagtail_salesforce.contacts.fields import FieldType


INTEGER_LIMIT = 2**63 - 1
DIGITS = 18
MAX_NUMBER_LENGTH = 60

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
# Characters that no database stores: NUL (PostgreSQL) and halves of surrogate pairs (UTF-8).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def to_python(value: Any, kind: FieldType, choices: Sequence[str] | None = None) -> Any:
    """The Python form of a value of this type, or None when there is none.

    `choices` are those of an attribute of the type choice, where they are known; the value must
    then be one of them, as it is spelled.
    """
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, str):
        value = clean_text(value)
    if value is None or value == "":
        return None
    if choices is not None and kind is FieldType.CHOICE and value not in choices:
        raise ValueError(no_choice(choices))
    return _READERS[kind](value)


def to_json(value: Any, kind: FieldType, choices: Sequence[str] | None = None) -> Any:
    """The JSON form of a value of this type, or None when there is none; see `to_python`."""
    value = to_python(value, kind, choices)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def clean_text(text: str) -> str:
    """The text without what no database stores, and without space around it."""
    return _UNSTORABLE.sub("", text).strip()


def is_storable(text: str) -> bool:
    """Whether every database takes the text as it is."""
    return _UNSTORABLE.search(text) is None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("Give text."))
    return value


def _integer(value: Any) -> int:
    try:
        number = _any_number(value)
    except ValueError:
        raise ValueError(_("Give a whole number in digits, such as 3000.")) from None
    if number.adjusted() > DIGITS or abs(number) > INTEGER_LIMIT:
        raise ValueError(_("Give a whole number of at most 18 digits."))
    if number != int(number):
        raise ValueError(_("Give a whole number, without decimals."))
    return int(number)


def _decimal(value: Any) -> Decimal:
    number = _any_number(value)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and number and (number.adjusted() >= DIGITS or -exponent > DIGITS):
        raise ValueError(
            _("Give a number with at most 18 digits before and 18 after the decimal point.")
        )
    return number if number else Decimal(0)


def _float(value: Any) -> float:
    number = float(_any_number(value))
    if not math.isfinite(number):
        raise ValueError(_("Give a smaller number."))
    return number


def _any_number(value: Any) -> Decimal:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = repr(value) if isinstance(value, float) else Decimal(value)
    if isinstance(value, str) and len(value) <= MAX_NUMBER_LENGTH and _NUMBER.match(value):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(_("Give a number in digits with a decimal point, such as 12.50."))
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    if not isinstance(value, bool):
        raise ValueError(_("Give true or false."))
    return value


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(_("Give a date that exists.")) from None
    raise ValueError(_("Give a date as year-month-day, such as 2026-02-28."))


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.match(value):
        value = _parsed_moment(value)
    if not isinstance(value, datetime):
        raise ValueError(_("Give a date and time, such as 2026-02-28T09:30:00+00:00."))
    if not 1 < value.year < 9999:
        raise ValueError(_("Give a date and time between the years 2 and 9998."))
    return make_aware(value) if is_naive(value) else value


def _parsed_moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        raise ValueError(_("Give a date and time that exist.")) from None


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.FLOAT: _float,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _moment,
    FieldType.CHOICE: _text,
}
