"""Which input a constant gets, and the form in which that input shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils.timezone import get_default_timezone, localtime, override

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.mapping import picklists
from wagtail_salesforce.salesforce.describe import FieldDescribe


#: Salesforce's type: the partial template's word for an input.
INPUTS = {
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "textarea": "textarea",
    "multipicklist": "multi",
    **dict.fromkeys(("double", "percent", "currency"), "decimal"),
    **dict.fromkeys(("int", "long"), "numeric"),
    "email": "email",
    "url": "url",
    "phone": "tel",
}
ALL_INPUTS = (*dict.fromkeys(INPUTS.values()), "text")


def input_for(field: FieldDescribe | None, text: str) -> str:
    """The kind of input: one that can show the text, so that nothing typed is ever lost.

    A browser empties a date input that gets anything but a date.
    """
    kind = INPUTS.get(field.type, "text") if field else "text"
    if kind in ("date", "datetime") and text and not shown(kind, text):
        return "text"
    return kind


def shown(kind: str, text: str) -> str:
    """The text as the input wants it; "" for a date or time that is none."""
    try:
        if kind == "date":
            found = to_python(text, FieldType.DATE)
            return found.isoformat() if found else ""
        return _moment(text) if kind == "datetime" else text
    except ValueError:
        return ""


def _moment(text: str) -> str:
    """Salesforce and documents write offsets; the input shows the site's own time."""
    zone = get_default_timezone()
    with override(zone):
        value = _date_or_time(text)
    if not isinstance(value, datetime):
        return datetime.combine(value, time()).isoformat(timespec="minutes") if value else ""
    there = localtime(value, zone).replace(tzinfo=None)
    return there.isoformat(timespec="seconds" if there.second else "minutes")


def _date_or_time(text: str) -> date | None:
    try:
        found: date | None = to_python(text, FieldType.DATE)
    except ValueError:
        found = to_python(text, FieldType.DATETIME)
    return found


def ticks(field: FieldDescribe, text: str) -> list[tuple[str, str, bool]]:
    """(value, label, ticked) for every entry, and for chosen ones that the organization lacks."""
    entries = {each.value: each.label for each in field.picklist if each.active}
    chosen = picklists.split(text)
    listed = {**entries, **{value: value for value in chosen if value not in entries}}
    return [(value, label, value in chosen) for value, label in listed.items()]


def joined(texts: Sequence[str]) -> str:
    """One text for what a form sent: several ticks of one row travel under one name."""
    return picklists.SEPARATOR.join(texts)
