"""The sources an editor may choose for a Lead field, and the tokens that a form sends for them.

A token is "field:last_name", "attribute:licences", "custom:company_name", "picklist:Hot" or
"constant"; a constant's value travels in a field of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.mapping.constants import PICKLIST_TYPES
from wagtail_salesforce.mapping.convert import fits, supported
from wagtail_salesforce.mapping.picklists import SEPARATOR
from wagtail_salesforce.mapping.resolve import (
    GROUP_LABELS,
    NAMED_GROUPS,
    Group,
    SourceEntry,
    group_of,
)
from wagtail_salesforce.mapping.sources import custom_sources
from wagtail_salesforce.salesforce.describe import FieldDescribe


CONSTANT = Group.CONSTANT.value

Choice = tuple[str, str | Promise]
Choices = list[tuple[str | Promise, list[Choice]]]


class AttributeLike(Protocol):
    """What is needed of an `Attribute`."""

    name: Any
    label: Any
    type: Any


def source_choices(field: FieldDescribe, attributes: Iterable[AttributeLike]) -> Choices:
    """What may fill this Lead field, as [(group label, [(token, label), …]), …].

    Only sources whose type fits are offered; groups without any are left out.
    """
    groups: dict[Group, Iterator[Choice]] = {
        Group.FIELD: _fields(field),
        Group.ATTRIBUTE: _attributes(field, attributes),
        Group.CUSTOM: _custom(field),
        Group.PICKLIST: _entries(field),
        Group.CONSTANT: _constant(field),
    }
    listed = ((GROUP_LABELS[group], list(choices)) for group, choices in groups.items())
    return [(label, choices) for label, choices in listed if choices]


def to_token(entry: SourceEntry) -> tuple[str, str]:
    """The token and the constant's text of an entry of `fields`."""
    group = group_of(entry)
    if group in NAMED_GROUPS:
        return f"{group.value}:{entry['name']}", ""
    text = _as_text(entry["value"])
    return (CONSTANT, text) if group is Group.CONSTANT else (f"{group.value}:{text}", "")


def from_token(token: str, constant: str = "") -> dict[str, Any]:
    """The entry of `fields` for a token; the reverse of `to_token`. Raises ValueError."""
    name, _colon, rest = token.partition(":")
    group = Group(name)
    if group in NAMED_GROUPS:
        return {"source": group.value, "name": rest}
    return {"source": group.value, "value": constant if group is Group.CONSTANT else rest}


def label_of(entry: SourceEntry, attribute_labels: Mapping[str, str]) -> str:
    """The words for an entry, also for one whose source is gone."""
    group = group_of(entry)
    if group not in NAMED_GROUPS:
        return _as_text(entry["value"])
    name = str(entry["name"])
    if group is Group.FIELD and name in FIELDS:
        return str(FIELDS[name].label)
    if group is Group.ATTRIBUTE:
        return attribute_labels.get(name, name)
    source = custom_sources().get(name)
    return str(source.label) if source else name


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return SEPARATOR.join(value) if isinstance(value, list) else str(value)


def _fields(field: FieldDescribe) -> Iterator[Choice]:
    for source in FIELDS.values():
        if fits(field, source.type):
            yield f"field:{source.name}", source.label


def _attributes(field: FieldDescribe, attributes: Iterable[AttributeLike]) -> Iterator[Choice]:
    for attribute in attributes:
        if fits(field, FieldType(attribute.type)):
            yield f"attribute:{attribute.name}", attribute.label


def _custom(field: FieldDescribe) -> Iterator[Choice]:
    for source in custom_sources().values():
        if fits(field, source.type):
            yield f"custom:{source.name}", source.label


def _entries(field: FieldDescribe) -> Iterator[Choice]:
    if field.type in PICKLIST_TYPES:
        for entry in field.picklist:
            if entry.active:
                yield f"picklist:{entry.value}", entry.label


def _constant(field: FieldDescribe) -> Iterator[Choice]:
    """A restricted picklist takes its entries and nothing else, so they are enough."""
    if supported(field) and not (field.type == "picklist" and field.restricted):
        yield CONSTANT, constant_label(field)


def constant_label(field: FieldDescribe) -> str | Promise:
    """The words for a value that the mapping itself holds."""
    return _("Several entries") if field.type == "multipicklist" else _("A constant value")
