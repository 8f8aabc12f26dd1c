"""What mattered of the organization's fields when a mapping was saved, to notice later changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.picklists import split
from wagtail_salesforce.mapping.resolve import Group, SourceEntry, group_of
from wagtail_salesforce.mapping.structure import form_problems
from wagtail_salesforce.mapping.validate import MappingLike
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


# `known_fields` of a mapping: what `FieldDescribe.from_json` reads, by API name. Keys whose value
# says no more than their absence are left out.
Known = dict[str, dict[str, Any]]

_SAYS_NO_WHEN_ABSENT = {"nillable"}
_OF_NO_MATTER = {"name", "inlineHelpText", "caseSensitive", "custom"}


def known_fields(mapping: MappingLike, describe: ObjectDescribe) -> Known:
    """The mapped fields and the external identifier, as the organization has them now."""
    if not well_formed(mapping.fields):
        return {}
    names = [*mapping.fields, mapping.external_id_field]
    return {
        name: _known(describe.fields[name], mapping.fields.get(name))
        for name in names
        if name in describe.fields
    }


def well_formed(fields: Any) -> bool:
    """Whether every row can be read, also where its source exists no more."""
    return isinstance(fields, dict) and not any(
        form_problems(name, entry) for name, entry in fields.items()
    )


def _known(field: FieldDescribe, entry: SourceEntry | None) -> dict[str, Any]:
    data = field.to_json()
    data["picklistValues"] = [{"value": value} for value in _values(field, entry)]
    return {
        key: value
        for key, value in data.items()
        if key not in _OF_NO_MATTER and (value or key in _SAYS_NO_WHEN_ABSENT)
    }


def _values(field: FieldDescribe, entry: SourceEntry | None) -> Iterable[str]:
    """All values of a restricted list; of others only those that the mapping itself names."""
    return field.active_values if field.restricted else used_values(entry)


def used_values(entry: SourceEntry | None) -> list[str]:
    """The picklist entries that a row of a mapping names."""
    if entry is None or group_of(entry) is not Group.PICKLIST:
        return []
    return split(entry["value"])


def remember(mapping: Mapping, describe: ObjectDescribe) -> None:
    """Keep what matters now for a mapping that was saved while nothing was known."""
    mapping.known_fields = known_fields(mapping, describe)
    Mapping.objects.filter(pk=mapping.pk).update(known_fields=mapping.known_fields)


def as_last_read(mapping: Mapping) -> Known:
    """The same from the last reading of the connected organization; nothing when there is none.

    No API call is made.
    """
    describe = last_reading(mapping) if well_formed(mapping.fields) else None
    return known_fields(mapping, describe) if describe else {}


def last_reading(mapping: Mapping) -> ObjectDescribe | None:
    """What the organization last said of the mapping's object, however long ago that was.

    Only the fields that can matter for this mapping: those it names, those that Salesforce
    requires, and external identifiers. This is quick also where an object has hundreds of fields.
    """
    found = DescribeSnapshot.objects.filter(
        org_id__in=Connection.objects.values("org_id"), object_name=mapping.object_name
    )
    data = found.values_list("data", flat=True).first()
    return ObjectDescribe.from_json(_part(data, mapping)) if data else None


def _part(data: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    fields = mapping.fields if isinstance(mapping.fields, dict) else {}
    named = {mapping.external_id_field, *fields}
    return {**data, "fields": [each for each in data["fields"] if _matters(each, named)]}


def _matters(field: dict[str, Any], named: set[str]) -> bool:
    """Named by the mapping, or asked for by Salesforce, or fit to be an external identifier."""
    return (
        field["name"] in named or not field.get("nillable", True) or bool(field.get("externalId"))
    )
