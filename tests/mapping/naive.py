"""A mapping done the slow and obvious way, to hold the compiled one against."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.contacts.countries import country_name, state_name
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.mapping.convert import convert
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.salesforce.describe import FieldDescribe

from .making import ATTRIBUTES, CONTEXT, lead


def naive_map(fields: dict[str, Any], contact: dict[str, Any], company: str | None) -> Any:
    """What `CompiledMapping.map` should answer, with refusals as (field, code)."""
    payload: dict[str, Any] = {}
    refused, shortened = [], []
    for name, entry in fields.items():
        field = lead().fields[name]
        value = one(field, entry, contact, company)
        if value is None and field.required:
            refused.append((name, "REQUIRED_FIELD_MISSING"))
        elif isinstance(value, Refusal):
            refused.append((name, value.code))
        elif isinstance(value, Shortened):
            shortened.append(value)
            payload[name] = value.value
        elif value is not None or field.nillable:
            payload[name] = value
    return payload, tuple(refused), tuple(shortened)


def one(
    field: FieldDescribe, entry: dict[str, Any], contact: dict[str, Any], company: str | None
) -> Any:
    source = entry["source"]
    if source == "constant" or source == "picklist":
        return entry["value"]
    if source == "attribute":
        return attribute(field, entry["name"], contact)
    value = own(entry["name"], contact, company) if source == "custom" else contact[entry["name"]]
    return convert(value, field, CONTEXT.time_zone)


def attribute(field: FieldDescribe, name: str, contact: dict[str, Any]) -> Any:
    held = contact["attributes"]
    stored = held.get(name) if isinstance(held, dict) else None
    if field.type == "multipicklist" and isinstance(stored, list):
        return convert(stored, field, CONTEXT.time_zone)
    try:
        value = to_python(stored, ATTRIBUTES[name])
    except ValueError:
        return Refusal(field.name, "INVALID_TYPE_ON_FIELD_IN_RECORD", "")
    return convert(value, field, CONTEXT.time_zone)


def own(name: str, contact: dict[str, Any], company: str | None) -> str:
    if name == "company_name":
        names = (contact["company_name"], company or "", CONTEXT.default_company_name)
        return next(text.strip() for text in names if text.strip())
    if name == "lead_description":
        return contact["last_name"]
    if name == "country_name":
        return country_name(contact["country"]) if contact["country"] else ""
    return state_name(contact["state"], contact["country"]) if contact["state"] else ""
