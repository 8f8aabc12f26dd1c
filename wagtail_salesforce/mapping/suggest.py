"""A sensible mapping to begin with, made from what the organization's Lead has."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.mapping.resolve import SourceEntry
from wagtail_salesforce.mapping.validate import row_problems
from wagtail_salesforce.salesforce.describe import ObjectDescribe


Entry = dict[str, Any]


def _field(name: str) -> Entry:
    return {"source": "field", "name": name}


def _custom(name: str) -> Entry:
    return {"source": "custom", "name": name}


# In the order in which the editor shows them; what the organization lacks is left out.
STANDARD: dict[str, Entry] = {
    "LastName": _field("last_name"),
    "FirstName": _field("first_name"),
    "MiddleName": _field("middle_name"),
    "Company": _custom("company_name"),
    "Title": _field("job_title"),
    "Email": _field("email"),
    "Phone": _field("business_phone"),
    "MobilePhone": _field("mobile_phone"),
    "Street": _field("street"),
    "City": _field("city"),
    "PostalCode": _field("postal_code"),
    "State": _custom("state_name"),
    "Country": _custom("country_name"),
    "LeadSource": {"source": "picklist", "value": "Web"},
    "Description": _custom("lead_description"),
}
# Organizations with state and country picklists have codes beside the names; the codes decide.
BY_CODE = {"StateCode": ("State", _field("state")), "CountryCode": ("Country", _field("country"))}


def suggest(describe: ObjectDescribe, attribute_types: AttributeTypes) -> dict[str, Entry]:
    """The `fields` of a mapping: the standard fields, and attributes named like custom fields.

    Only rows without an error in this organization are suggested.
    """
    rows = dict(STANDARD)
    for code_field, (name_field, entry) in BY_CODE.items():
        if code_field in describe.fields:
            del rows[name_field]
            rows[code_field] = entry
    rows |= _attributes(describe, attribute_types)
    return {
        name: dict(entry)
        for name, entry in rows.items()
        if name in describe.fields and _works(name, entry, describe, attribute_types)
    }


def suggest_external_id(describe: ObjectDescribe) -> str:
    """The first field that can identify a contact's lead, "" when there is none."""
    return next((field.name for field in describe.external_id_fields()), "")


def _works(
    name: str, entry: SourceEntry, describe: ObjectDescribe, attribute_types: AttributeTypes
) -> bool:
    found = row_problems(name, entry, describe, attribute_types)
    return not any(problem.is_error for problem in found)


def _attributes(describe: ObjectDescribe, attribute_types: AttributeTypes) -> dict[str, Entry]:
    """`Licences__c` is filled by the attribute `licences`."""
    by_name = {_plain(name): name for name in attribute_types}
    return {
        field.name: {"source": "attribute", "name": by_name[_plain(field.name)]}
        for field in describe.mappable_fields()
        if field.custom and _plain(field.name) in by_name
    }


def _plain(name: str) -> str:
    return name.removesuffix("__c").replace("_", "").casefold()
