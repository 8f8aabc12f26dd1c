"""From an entry of a mapping's `fields` to what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.reading import (
    ATTRIBUTE_PREFIX,
    AttributeTypes,
    Reading,
    as_it_is,
)
from wagtail_salesforce.mapping.sources import custom_sources


class Group(str, Enum):
    """The groups of sources, in the order in which they are offered."""

    FIELD = "field"
    ATTRIBUTE = "attribute"
    CUSTOM = "custom"
    PICKLIST = "picklist"
    CONSTANT = "constant"


GROUP_LABELS: dict[Group, str | Promise] = {
    Group.FIELD: _("Contact fields"),
    Group.ATTRIBUTE: _("Attributes"),
    Group.CUSTOM: _("Custom"),
    Group.PICKLIST: _("Picklist entries"),
    Group.CONSTANT: _("Constant"),
}
# Groups whose entries name something; the others hold a value of their own.
NAMED_GROUPS = frozenset({Group.FIELD, Group.ATTRIBUTE, Group.CUSTOM})

# {"source": "field", "name": "last_name"} or {"source": "constant", "value": "www.example.org"}
SourceEntry = Mapping[str, Any]


@dataclass(frozen=True)
class SourceInfo:
    """What is known of a named source before any contact is read.

    `max_length` is None where a text has no limit (`unlimited`) or none that is known.
    """

    label: str | Promise
    type: FieldType
    max_length: int | None = None
    unlimited: bool = False
    may_be_empty: bool = True


def group_of(entry: SourceEntry) -> Group:
    """The group of a well-formed entry."""
    return Group(entry["source"])


def info_of(entry: SourceEntry, attribute_types: AttributeTypes) -> SourceInfo | None:
    """What a named source is, or None when there is none of that name."""
    group, name = group_of(entry), entry["name"]
    if group is Group.FIELD:
        return _field_info(name)
    if group is Group.ATTRIBUTE:
        return _attribute_info(name, attribute_types)
    source = custom_sources().get(name)
    if source is None:
        return None
    return SourceInfo(source.label, source.type, source.max_length, False, source.may_be_empty)


def _field_info(name: str) -> SourceInfo | None:
    field = FIELDS.get(name)
    if field is None:
        return None
    unlimited = field.type is FieldType.LONG_TEXT
    return SourceInfo(field.label, field.type, field.max_length, unlimited, not field.required)


def _attribute_info(name: str, attribute_types: AttributeTypes) -> SourceInfo | None:
    kind = attribute_types.get(name)
    if kind is None:
        return None
    return SourceInfo(name, kind, unlimited=kind in (FieldType.TEXT, FieldType.LONG_TEXT))


def reading_of(
    entry: SourceEntry, context: MappingContext, attribute_types: AttributeTypes
) -> Reading:
    """How the value of a named source is had. Raises KeyError when there is no such source."""
    group, name = group_of(entry), entry["name"]
    if group is Group.FIELD:
        return Reading((FIELDS[name].name,), as_it_is)
    if group is Group.ATTRIBUTE:
        return Reading((ATTRIBUTE_PREFIX + name,), as_it_is)
    return custom_sources()[name].bind(context, attribute_types)
