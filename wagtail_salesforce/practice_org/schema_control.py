"""Changing the schema from outside: what an administrator does in Setup."""

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

from .errors import ApiError
from .fields import DEFAULT_LENGTHS, FIELD_TYPES, FieldSpec, PicklistValue, field
from .ids import normalise
from .org import Org
from .schema import ObjectSpec


ALIASES = {
    "caseSensitive": "case_sensitive",
    "defaultValue": "default",
    "defaultedOnCreate": "defaulted",
    "externalId": "external_id",
    "idLookup": "id_lookup",
    "picklistValues": "picklist",
    "referenceTo": "reference_to",
    "relationshipName": "relationship",
    "restrictedPicklist": "restricted",
    "autoNumber": "auto_number",
    "controllerName": "controller",
    "inlineHelpText": "help",
}
KNOWN = {each.name for each in dataclass_fields(FieldSpec)}


def put_field(org: Org, object_name: str, request: dict[str, Any]) -> FieldSpec:
    """Add a field, or alter the one of that name; attributes left out stay as they are."""
    spec = _object(org, object_name)
    attributes = {ALIASES.get(name, name): value for name, value in request.items()}
    unknown = set(attributes) - KNOWN
    if unknown or not isinstance(attributes.get("name"), str):
        raise ApiError(400, "WRONG_FIELD", f"Unknown attributes: {sorted(unknown)}, or no name")
    changed = _changed(spec.fields.get(attributes["name"]), _typed(attributes))
    spec.put(changed, org.clock.now())
    _after(org, spec)
    return changed


def _typed(attributes: dict[str, Any]) -> dict[str, Any]:
    typed = dict(attributes)
    if "picklist" in typed:
        typed["picklist"] = tuple(_entry(each) for each in typed["picklist"])
    if "reference_to" in typed:
        typed["reference_to"] = tuple(typed["reference_to"])
    return typed


def _entry(value: Any) -> PicklistValue:
    if isinstance(value, str):
        return PicklistValue(value)
    entry = dict(value)
    entry["default"] = entry.pop("defaultValue", entry.get("default", False))
    entry["valid_for"] = entry.pop("validFor", entry.get("valid_for"))
    return PicklistValue(**entry)


def _changed(known: FieldSpec | None, attributes: dict[str, Any]) -> FieldSpec:
    kind = attributes.get("type", known.type if known else "string")
    if kind not in FIELD_TYPES:
        raise ApiError(400, "WRONG_FIELD", f"There is no field type {kind!r}")
    if known is None:
        custom = attributes["name"].endswith("__c")
        rights = {"custom": custom, "permissionable": custom, "label": _label(attributes["name"])}
        return field(**{**rights, **attributes, "type": kind})
    if kind != known.type:
        attributes.setdefault("length", DEFAULT_LENGTHS.get(kind, 0))
    return replace(known, **attributes)


def _label(name: str) -> str:
    return name.removesuffix("__c").replace("_", " ")


def drop_field(org: Org, object_name: str, name: str) -> None:
    """Delete a field; what records had in it is gone."""
    spec = _object(org, object_name)
    if not spec.drop(name, org.clock.now()):
        raise ApiError(404, "NOT_FOUND", f"{spec.name} has no field {name!r}")
    for row in org.tables.table(spec.name).rows():
        if name in row:
            left = {key: value for key, value in row.items() if key != name}
            org.tables.put(spec.name, left, row)
    _after(org, spec)


def _object(org: Org, name: str) -> ObjectSpec:
    spec = org.schema.find(name)
    if spec is None:
        raise ApiError(404, "NOT_FOUND", f"There is no object {name!r}")
    return spec


def _after(org: Org, spec: ObjectSpec) -> None:
    org.tables.drop_indexes(spec.name)
    org.save_schema()


def check_org_id(value: Any) -> str:
    """The 18-character form of an org id."""
    org_id = normalise(value) if isinstance(value, str) else None
    if org_id is None or not org_id.startswith("00D"):
        raise ApiError(400, "WRONG_KIND", f"{value!r} is not an organization id")
    return org_id
