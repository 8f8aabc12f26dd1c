"""From one row of the database to the value of one Lead field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.mapping import refusals
from wagtail_salesforce.mapping.convert import Converter
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.mapping.reading import (
    ATTRIBUTE_PREFIX,
    FOUND_COMPANY,
    AttributeTypes,
    Reading,
    as_it_is,
)
from wagtail_salesforce.salesforce.describe import FieldDescribe


ATTRIBUTES = "attributes"

Row = Sequence[Any]
Notes = list[Any]
# (row, company name found by the rule) -> raw value
Getter = Callable[[Row, str | None], Any]
# (row, company name found by the rule, notes to add to) -> JSON-ready value or None
FieldMapper = Callable[[Row, str | None, Notes], Any]


class AttributeUnreadable(ValueError):
    """What is stored for the attribute named is not of its type."""


def columns_of(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The contact columns these readings need, the id first."""
    needs = dict.fromkeys(need for reading in readings for need in reading.needs)
    columns = [_column(need) for need in needs if need != FOUND_COMPANY]
    return tuple(dict.fromkeys(["id", *columns]))


def _column(need: str) -> str:
    return ATTRIBUTES if need.startswith(ATTRIBUTE_PREFIX) else need


def raw_getter(
    reading: Reading,
    columns: Sequence[str],
    attribute_types: AttributeTypes,
    *,
    lists: bool = False,
) -> Getter:
    """The function that gives a reading's raw value from a row.

    With `lists` an attribute that holds a list stays one, as multi-select picklists take it.
    Raises AttributeUnreadable, and whatever a source of the site's own raises.
    """
    function = reading.function
    getters = [_getter(need, columns, attribute_types, lists) for need in reading.needs]
    if function is as_it_is:
        return getters[0]
    return lambda row, company: function(*[get(row, company) for get in getters])


def _getter(
    need: str, columns: Sequence[str], attribute_types: AttributeTypes, lists: bool
) -> Getter:
    if need == FOUND_COMPANY:
        return lambda row, company: company
    place = columns.index(_column(need))
    if not need.startswith(ATTRIBUTE_PREFIX):
        return lambda row, company: row[place]
    name = need.removeprefix(ATTRIBUTE_PREFIX)
    return _attribute_getter(name, place, attribute_types.get(name, FieldType.TEXT), lists)


def _attribute_getter(name: str, place: int, kind: FieldType, lists: bool) -> Getter:
    def get(row: Row, company: str | None) -> Any:
        stored = row[place]
        value = stored.get(name) if isinstance(stored, dict) else None
        if value is None or (lists and isinstance(value, list)):
            return value
        try:
            return to_python(value, kind)
        except ValueError:
            raise AttributeUnreadable(name) from None

    return get


def field_mapper(field: FieldDescribe, get: Getter, convert: Converter) -> FieldMapper:
    """The function that maps one field; what went wrong is added to the notes it is given."""
    missing = refusals.missing(field) if field.required else None

    def map_field(row: Row, company: str | None, notes: Notes) -> Any:
        value = read_and_convert(field, get, convert, row, company)
        if value is None:
            if missing is not None:
                notes.append(missing)
            return None
        if isinstance(value, Refusal):
            notes.append(value)
            return None
        if isinstance(value, Shortened):
            notes.append(value)
            return value.value
        return value

    return map_field


def read_and_convert(
    field: FieldDescribe, get: Getter, convert: Converter, row: Row, company: str | None
) -> Any:
    """Read and convert one value; a source that fails gives a Refusal."""
    try:
        raw = get(row, company)
    except AttributeUnreadable as error:
        return refusals.attribute_unreadable(field, str(error))
    except Exception as error:  # noqa: BLE001 (one contact is refused, whatever a source raises)
        return refusals.source_failed(field, error)
    return convert(raw)
