"""Picklist values: found in the organization's list, in the organization's spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wagtail_salesforce.salesforce.describe import FieldDescribe


# Object reference, "Multi-Select Picklist Field Type"; status code TOO_MANY_ENUM_VALUE.
MOST_VALUES = 100
SEPARATOR = ";"
# More names than this make a message unreadable.
_NAMED = 25


class NotInList(ValueError):
    """A restricted picklist does not have the value."""


class TooMany(ValueError):
    """More than 100 values in a multi-select picklist."""


Finder = Callable[[str], str | None]


def allowed_words(field: FieldDescribe) -> str:
    """The active values for a message, the first ones when there are many."""
    values = field.active_values
    words = ", ".join(values[:_NAMED])
    return f"{words}, … ({len(values)})" if len(values) > _NAMED else words


def finder(field: FieldDescribe) -> Finder:
    """A function from a text to the active value it means, or None.

    The organization's spelling wins whatever the case (Object reference, "Picklist Field Type":
    values match without regard to case); a label, which is what people see, means its value.
    """
    active = [entry for entry in field.picklist if entry.active]
    by_label = {entry.label.casefold(): entry.value for entry in reversed(active) if entry.label}
    by_value = {entry.value.casefold(): entry.value for entry in reversed(active)}
    exact = {entry.value: entry.value for entry in active}
    known = {**by_label, **by_value}
    return lambda text: exact.get(text) or known.get(text.casefold())


def one(text: str, find: Finder, *, restricted: bool) -> str:
    """The value to send for one text. Raises NotInList."""
    found = find(text)
    if found is None and restricted:
        raise NotInList
    return text if found is None else found


def several(texts: Iterable[str], find: Finder, *, restricted: bool) -> str | None:
    """The value of a multi-select field, each entry once. Raises NotInList or TooMany."""
    values: dict[str, str] = {}
    for text in texts:
        value = one(text, find, restricted=restricted)
        values.setdefault(value.casefold(), value)
    if len(values) > MOST_VALUES:
        raise TooMany
    return SEPARATOR.join(values.values()) or None


def split(value: str | Sequence[str]) -> list[str]:
    """The entries of a list, or of one text with `;` between them; blank ones fall away."""
    parts = [value] if isinstance(value, str) else value
    entries = (entry.strip() for part in parts for entry in part.split(SEPARATOR))
    return [entry for entry in entries if entry]
