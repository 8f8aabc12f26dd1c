"""One value against one field: its JSON kind, and what is stored of it.

Source: Object reference, "Field Types"; REST guide, "Valid Date and DateTime Formats".
"""

import re
from collections.abc import Callable
from typing import Any

from .errors import RowError
from .fields import FieldSpec
from .ids import normalise
from .moments import format_moment, parse_date, parse_moment, parse_time


MOST_CHOICES = 100
# Assumption email-syntax: the exact check of e-mail addresses is not published; plain ASCII addresses pass.
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])"
)
JSON_KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "boolean": ("boolean", (bool,)),
    "int": ("int", (int,)),
    "double": ("double", (int, float)),
    "currency": ("double", (int, float)),
    "percent": ("double", (int, float)),
}
TEXT_KIND = ("string", (str,))
# Values of these Python types need no second look; dates are always looked at.
QUICK_KINDS: dict[str, frozenset[Any]] = {
    "string": frozenset({str, type(None)}),
    "boolean": frozenset({bool}),
    "int": frozenset({int, type(None)}),
    "double": frozenset({int, float, type(None)}),
    "currency": frozenset({int, float, type(None)}),
    "percent": frozenset({int, float, type(None)}),
    "date": frozenset({type(None)}),
    "datetime": frozenset({type(None)}),
    "time": frozenset({type(None)}),
}
Store = Callable[[FieldSpec, Any], Any]


def wrong_kind_of(spec: FieldSpec, value: Any) -> str | None:
    """The kind the field wants, when the value is of another; that spoils the whole call."""
    # Assumption text-for-number: numbers and booleans written as text are of the wrong kind too.
    wanted, types = JSON_KINDS.get(spec.type, TEXT_KIND)
    if value is None:
        # Assumption null-checkbox: null in a checkbox is a wrong kind, since no checkbox is nillable.
        return wanted if spec.type == "boolean" else None
    if type(value) not in types:
        return spec.type if spec.is_moment else wanted
    return _wrong_moment(spec.type, value) if spec.is_moment else None


def _wrong_moment(kind: str, value: str) -> str | None:
    readers = {"date": parse_date, "time": parse_time, "datetime": parse_moment}
    return kind if readers[kind](value) is None else None


def store_of(spec: FieldSpec) -> Store:
    """The function that makes of a value what is kept, or the :class:`RowError` that refuses it."""
    return _STORED.get(spec.type, _text)


def _error(spec: FieldSpec, code: str, text: str) -> RowError:
    return RowError(code, f"{spec.title}: {text}", (spec.name,))


def _blank(value: str | None) -> bool:
    # Assumption blank-text: a blank text is no value; other texts are kept with their blanks.
    return value is None or not value.strip()


def _text(spec: FieldSpec, value: str | None) -> str | None | RowError:
    if value is None or not value.strip():
        return None
    if len(value) > spec.length or (not value.isascii() and _units(value) > spec.length):
        text = f"data value too large: {value} (max length={spec.length})"
        return _error(spec, "STRING_TOO_LONG", text)
    return value


def _units(value: str) -> int:
    # Assumption emoji-length: a character outside the basic plane counts as two, as in UTF-16.
    return len(value.encode("utf-16-le")) // 2


def _email(spec: FieldSpec, value: str | None) -> str | None | RowError:
    if value is None or _blank(value) or EMAIL.fullmatch(value):
        return _text(spec, value)
    return _error(spec, "INVALID_EMAIL_ADDRESS", f"invalid email address: {value}")


def _number(spec: FieldSpec, value: float | None) -> float | None | RowError:
    if value is None:
        return None
    digits = spec.digits if spec.type == "int" else (spec.precision or 18) - spec.scale
    if abs(value) >= 10**digits:
        text = f"value outside of valid range on numeric field: {_plain(value)}"
        return _error(spec, "NUMBER_OUTSIDE_VALID_RANGE", text)
    # Decimals beyond the scale are stored in full (Salesforce help, KB 000387302).
    return value if spec.type == "int" else float(value)


def _plain(value: float) -> str:
    return str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)


def _picklist(spec: FieldSpec, value: str | None) -> str | None | RowError:
    if value is None or _blank(value):
        return None
    # Assumption picklist-case: entries are found whatever the case, restricted ones too.
    known = spec.spellings.get(value.lower())
    if known is not None:
        return known
    if spec.restricted:
        text = f"bad value for restricted picklist field: {value}"
        return _error(spec, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text)
    return _text(spec, value)


def _multipicklist(spec: FieldSpec, value: str | None) -> str | None | RowError:
    choices = [choice.strip() for choice in (value or "").split(";") if choice.strip()]
    if len(choices) > MOST_CHOICES:
        # Assumption too-many-choices: the text; only the code is documented.
        return _error(spec, "TOO_MANY_ENUM_VALUE", "too many values in multi-select picklist")
    kept = [_picklist(spec, choice) for choice in dict.fromkeys(choices)]
    for choice in kept:
        if isinstance(choice, RowError):
            return choice
    return _text(spec, ";".join(map(str, kept)))


def _as_it_is(spec: FieldSpec, value: Any) -> Any:
    return value


def _datetime(spec: FieldSpec, value: str | None) -> str | None:
    if value and value.endswith("Z"):
        # Its form was checked with the kind, and it is UTC already.
        return f"{value[:19]}.000+0000"
    moment = parse_moment(value) if value else None
    return None if moment is None else format_moment(moment)


def _time(spec: FieldSpec, value: str | None) -> str | None:
    return f"{value[:8]}.000Z" if value else None


def _reference(spec: FieldSpec, value: str | None) -> str | None | RowError:
    if value is None or _blank(value):
        return None
    record_id = normalise(value)
    if record_id is None:
        return _error(spec, "MALFORMED_ID", f"id value of incorrect type: {value}")
    return record_id


_STORED: dict[str, Store] = {
    "email": _email,
    "int": _number,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "picklist": _picklist,
    "multipicklist": _multipicklist,
    "date": _as_it_is,
    "datetime": _datetime,
    "time": _time,
    "boolean": _as_it_is,
    "reference": _reference,
}
