"""What is wrong, or may go wrong, with a mapping in an organization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELD_TYPE_CHOICES
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.mapping.cautions import cautions, constant_cautions
from wagtail_salesforce.mapping.constants import InvalidConstant, fixed_value
from wagtail_salesforce.mapping.convert import fits, supported, taken_by
from wagtail_salesforce.mapping.converters import own_converter
from wagtail_salesforce.mapping.org_cautions import org_cautions
from wagtail_salesforce.mapping.problem import MappingProblem, error
from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.mapping.resolve import (
    NAMED_GROUPS,
    Group,
    SourceEntry,
    SourceInfo,
    group_of,
    info_of,
)
from wagtail_salesforce.mapping.structure import form_problems, structure_problems
from wagtail_salesforce.mapping.type_names import type_name
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


__all__ = ["EXTERNAL_ID_CODES", "MappingLike", "MappingProblem", "problems", "row_problems"]

# What the pages of attributes call the types.
_TYPE_NAMES = dict(FIELD_TYPE_CHOICES)

EXTERNAL_ID_CODES = frozenset({"external_id_missing", "external_id_unusable"})


class MappingLike(Protocol):
    """What is needed of a `Mapping`, saved or not."""

    external_id_field: Any
    fields: Any


def problems(
    mapping: MappingLike, describe: ObjectDescribe, attribute_types: AttributeTypes
) -> list[MappingProblem]:
    """Everything wrong with a mapping, errors of the whole first, then field by field."""
    fields = mapping.fields
    if not isinstance(fields, dict):
        return [_malformed(each) for each in structure_problems(fields)]
    found = [*_external_id(mapping, describe), *_required(mapping, describe)]
    for name, entry in fields.items():
        found += row_problems(name, entry, describe, attribute_types)
    return [*found, *org_cautions(fields, describe)]


def row_problems(
    name: str, entry: SourceEntry, describe: ObjectDescribe, attribute_types: AttributeTypes
) -> list[MappingProblem]:
    """What is wrong with one row: errors, or else warnings."""
    if malformed := form_problems(name, entry):
        return [_malformed(each) for each in malformed]
    field = describe.fields.get(name)
    if field is None:
        return [error(name, "field_missing", _field_missing(name))]
    if not supported(field) or not field.mappable:
        return [error(name, "field_not_writeable", _not_writeable(field))]
    if group_of(entry) not in NAMED_GROUPS:
        return list(_fixed(entry, field))
    info = info_of(entry, attribute_types)
    if info is None:
        return [_source_missing(field, entry)]
    if not fits(field, info.type):
        return [error(name, "type_mismatch", _mismatch(field, info))]
    # What a converter of the site's own makes of the values is for it to know.
    return [] if own_converter(field) else list(cautions(field, info))


def _malformed(problem: Problem) -> MappingProblem:
    name, _dot, key = problem.path.partition(".")
    return error(name, "malformed", str(Problem(key, problem.message)))


def _external_id(mapping: MappingLike, describe: ObjectDescribe) -> Iterator[MappingProblem]:
    usable = [field.name for field in describe.external_id_fields()]
    name = mapping.external_id_field
    if name in usable:
        return
    advice = _usable(usable)
    if not name:
        message = _("No external identifier is chosen.")
        yield error("", "external_id_missing", f"{message} {advice}")
    else:
        message = _("The field %(name)s cannot be the external identifier.") % {"name": name}
        yield error(str(name), "external_id_unusable", f"{message} {advice}")


def _usable(names: list[str]) -> str:
    if names:
        return _("Choose one of: %(names)s.") % {"names": ", ".join(names)}
    return _(
        "The organization has none that could be chosen: in Salesforce add a custom text field to "
        "the Lead, of 32 characters or more, with External ID and Unique ticked, and let the "
        "integration user edit it."
    )


def _required(mapping: MappingLike, describe: ObjectDescribe) -> Iterator[MappingProblem]:
    filled = {*mapping.fields, mapping.external_id_field}
    missing = [
        field for field in describe.fields.values() if field.required and field.name not in filled
    ]
    if open_ones := [field for field in missing if field.mappable]:
        message = _("Salesforce requires these fields, so map them: %(names)s.")
        yield error("", "required_unmapped", message % {"names": _names(open_ones)})
    if closed_ones := [field for field in missing if not field.mappable]:
        message = _(
            "Salesforce requires these fields, but they cannot be mapped: %(names)s. In Salesforce "
            "give them a default value, or make them optional."
        )
        yield error("", "required_unmapped", message % {"names": _names(closed_ones)})


def _names(fields: list[FieldDescribe]) -> str:
    return ", ".join(f"{field.label} ({field.name})" for field in fields)


def _field_missing(name: str) -> str:
    return _(
        "The organization has no field %(name)s, or the integration user may not see it. Restore "
        "the field in Salesforce, or remove the row."
    ) % {"name": name}


def _not_writeable(field: FieldDescribe) -> str:
    return _(
        "%(label)s cannot be filled: it is read-only, calculated, an external identifier or of a "
        "type that takes no value. Remove the row, or let the integration user edit the field."
    ) % {"label": field.label}


def _source_missing(field: FieldDescribe, entry: SourceEntry) -> MappingProblem:
    if group_of(entry) is Group.ATTRIBUTE:
        code, message = "attribute_missing", _("There is no attribute %(name)s any more.")
    else:
        code, message = "source_missing", _("There is no source %(name)s any more.")
    cure = _("Choose another source, or remove the row.")
    return error(field.name, code, message % {"name": entry["name"]} + " " + cure)


def _mismatch(field: FieldDescribe, info: SourceInfo) -> str:
    types = ", ".join(sorted(str(_TYPE_NAMES[kind.value]) for kind in taken_by(field)))
    if not types:
        return _("%(label)s refers to a record: only a constant record id fills it.") % {
            "label": field.label
        }
    return _("%(source)s is of type %(type)s, but %(label)s (%(lead_type)s) takes: %(types)s.") % {
        "source": info.label,
        "type": _TYPE_NAMES[info.type.value],
        "label": field.label,
        "lead_type": type_name(field.type),
        "types": types,
    }


def _fixed(entry: SourceEntry, field: FieldDescribe) -> Iterator[MappingProblem]:
    try:
        value = fixed_value(entry, field, get_default_timezone())
    except InvalidConstant as invalid:
        yield error(field.name, invalid.code, str(invalid))
    else:
        yield from constant_cautions(field, entry["value"], value)
