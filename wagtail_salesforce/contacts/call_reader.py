"""Checks what a developer passes to `capture()`; every error names the argument and the cure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.choices import pick
from wagtail_salesforce.contacts.emails import valid_email
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.fields import WRITABLE, FieldType
from wagtail_salesforce.contacts.filling import (
    activity_value,
    refused,
    room_for,
    room_for_attribute,
    shorten,
)
from wagtail_salesforce.contacts.known_values import KnownValues
from wagtail_salesforce.contacts.models import Activity
from wagtail_salesforce.contacts.values import to_json, to_python
from wagtail_salesforce.contacts.wording import in_site_language


LARGEST_ID = 2**63 - 1


def check_names(fields: Mapping[str, Any], attributes: Any) -> None:
    """TypeError for a contact field that does not exist or cannot be written."""
    for name in fields:
        if name not in WRITABLE:
            known = ", ".join(WRITABLE)
            raise TypeError(f"capture() has no contact field {name!r}. There are: {known}.")
    if not isinstance(attributes, Mapping):
        raise ValueError("attributes: " + _("Give a dictionary of attribute names to values."))


def read_call(call: Mapping[str, Any], known: KnownValues) -> Facts:
    """The facts of a call of `capture()`; `known` has what its values are checked with.

    `call` has the keys of `capture()`'s arguments, the contact fields under "fields".
    """
    notes: list[str] = []
    with in_site_language():
        return Facts(
            email=_named("email", _email, call["email"]),
            activity_type=_named("activity", _activity_type, call["activity"]),
            title=_line("title", call["title"], notes),
            occurred_at=_typed("occurred_at", call["occurred_at"], FieldType.DATETIME)
            or timezone.now(),
            fields=_fields(call["fields"], known, notes),
            attributes=_attributes(call["attributes"], known, notes),
            overwrite=bool(_typed("overwrite", call["overwrite"], FieldType.BOOLEAN)),
            value=_named("value", _value, call["value"]),
            page_id=_named("page_id", _page_id, call["page_id"]),
            url=_line("url", call["url"], notes),
            notes=tuple(notes),
        )


def _named(name: str, check: Callable[[Any], Any], value: Any) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _typed(name: str, value: Any, kind: FieldType) -> Any:
    return _named(name, lambda given: to_python(given, kind), value)


def _email(value: Any) -> str:
    text = to_python(value, FieldType.TEXT)
    if text is None:
        raise ValueError(_("Give an e-mail address; contacts are recognised by it."))
    return valid_email(text)


def _activity_type(value: Any) -> str:
    activity_types.check_name(value)
    return str(value)


def _line(name: str, value: Any, notes: list[str]) -> str:
    text = _typed(name, value, FieldType.TEXT) or ""
    column: Any = Activity._meta.get_field(name)
    return str(shorten(name, text, column.max_length, notes))


def _value(value: Any) -> Decimal | None:
    return activity_value(to_python(value, FieldType.DECIMAL))


def _page_id(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
        raise ValueError(_("Give the id of a page, or None."))
    return value


def _fields(given: Mapping[str, Any], known: KnownValues, notes: list[str]) -> dict[str, Any]:
    found = {}
    for name, value in given.items():
        label = str(WRITABLE[name].label)
        value = _typed(name, value, WRITABLE[name].type)
        value = _picked(label, value, known.for_field(name), notes)
        found[name] = shorten(label, value, room_for(name), notes)
    return found


def _attributes(given: Mapping[str, Any], known: KnownValues, notes: list[str]) -> dict[str, Any]:
    found = {}
    for name, value in given.items():
        if name not in known.types:
            raise TypeError(f"There is no attribute {name!r}. Add it in the admin first.")
        kind = known.types[name]
        value = _named(name, partial(to_json, kind=kind), value)
        value = _picked(name, value, known.for_attribute(name), notes)
        found[name] = shorten(name, value, room_for_attribute(kind), notes)
    return found


def _picked(label: str, value: Any, choices: Sequence[str] | None, notes: list[str]) -> Any:
    """One of the choices. What is none is noted instead of raised: an editor may have taken the
    choice away, which must not break a visitor's request."""
    if value is None or choices is None:
        return value
    try:
        return pick(value, choices)
    except ValueError as error:
        notes.append(refused(label, error))
        return None
