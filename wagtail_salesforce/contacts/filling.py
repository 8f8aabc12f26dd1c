"""Fills a contact with values: what may be written where, and what was noteworthy about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.countries import country_code, state_code
from wagtail_salesforce.contacts.fields import ATTRIBUTE_TEXT_LENGTH, WRITABLE, FieldType
from wagtail_salesforce.contacts.models import Contact


EMPTY = (None, "")
ACTIVITY_PLACES = Decimal("0.0001")
ACTIVITY_LIMIT = Decimal(10) ** 16


def fill(
    contact: Contact,
    fields: Mapping[str, Any],
    attributes: Mapping[str, Any],
    *,
    overwrite: bool,
    consent: str = "",
) -> set[str]:
    """Write Python values into fields and JSON values into attributes; not saved.

    Empty values never overwrite; other values only when `overwrite` is set or nothing is there.
    The attribute that `consent` names becomes yes in any case: a consent may always be given.
    Countries and states become their codes where known. Returns the names of changed columns.
    """
    changed = set()
    # The state's code depends on the country.
    for name in sorted(fields, key=lambda name: name == "state"):
        value = _in_standard_form(name, fields[name], contact)
        if _may_write(getattr(contact, name), value, overwrite):
            setattr(contact, name, value)
            changed.add(name)
    changed |= _fill_attributes(contact, attributes, overwrite)
    return changed | (_fill_attributes(contact, {consent: True}, True) if consent else set())


def _fill_attributes(contact: Contact, values: Mapping[str, Any], overwrite: bool) -> set[str]:
    stored = contact.attributes
    new = {
        name: value
        for name, value in values.items()
        if _may_write(stored.get(name), value, overwrite)
    }
    contact.attributes = {**stored, **new}
    return {"attributes"} if new else set()


def _may_write(stored: Any, value: Any, overwrite: bool) -> bool:
    if value in EMPTY or value == stored:
        return False
    return overwrite or stored in EMPTY


def _in_standard_form(name: str, value: Any, contact: Contact) -> Any:
    if name == "country" and value:
        return country_code(value) or value
    if name == "state" and value:
        return state_code(value, contact.country) or value
    return value


def room_for(field: str) -> int | None:
    """How many characters a contact field holds; None for fields without a limit."""
    return WRITABLE[field].max_length


def room_for_attribute(kind: FieldType) -> int | None:
    """How many characters an attribute of this type holds; None when there is no limit."""
    return ATTRIBUTE_TEXT_LENGTH if kind is FieldType.TEXT else None


def shorten(label: str, value: Any, room: int | None, notes: list[str]) -> Any:
    """Text cut to `room` characters, with a note that names the field and both lengths."""
    if not isinstance(value, str) or room is None or len(value) <= room:
        return value
    text = _("%(field)s was shortened from %(length)d to %(room)d characters.")
    notes.append(text % {"field": label, "length": len(value), "room": room})
    return value[:room].rstrip()


def refused(label: str, error: ValueError) -> str:
    """The note that a value was not taken over, with the cure but without the value."""
    text = _("%(field)s was not taken over. %(cure)s")
    return text % {"field": label, "cure": str(error)}


def activity_value(number: Decimal | None) -> Decimal | None:
    """A number as an activity holds it: four decimals, rounded half even.

    Raises ValueError when it has more than 16 digits before the decimal point.
    """
    if number is None:
        return None
    if abs(number) >= ACTIVITY_LIMIT:
        raise ValueError(_("Give a number with at most 16 digits before the decimal point."))
    return number.quantize(ACTIVITY_PLACES, rounding=ROUND_HALF_EVEN)
