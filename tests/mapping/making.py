"""Short ways to make what the tests of the mapping need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.compile import compile_mapping
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.practice_org.describe import describe_object
from wagtail_salesforce.practice_org.schema import seed_schema
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe, PicklistEntry


LONDON = ZoneInfo("Europe/London")
CONTEXT = MappingContext("Unknown", "{{ contact.last_name }}", LONDON)
EXTERNAL_ID = "Web_Contact_ID__c"
ATTRIBUTES = {
    "licences": FieldType.INTEGER,
    "budget": FieldType.DECIMAL,
    "rate": FieldType.FLOAT,
    "vip": FieldType.BOOLEAN,
    "renewal": FieldType.DATE,
    "visited": FieldType.DATETIME,
    "interest": FieldType.TEXT,
    "story": FieldType.LONG_TEXT,
}


def make_field(type: str = "string", **values: Any) -> FieldDescribe:
    """A writeable Lead field."""
    values.setdefault("length", 40 if type == "string" else 0)
    values = {"createable": True, "updateable": True, **values}
    return FieldDescribe(name="Thing__c", label="Thing", type=type, **values)


def entries(*values: str, inactive: tuple[str, ...] = ()) -> tuple[PicklistEntry, ...]:
    active = tuple(PicklistEntry(value, value) for value in values)
    return active + tuple(PicklistEntry(value, value, active=False) for value in inactive)


@cache
def lead() -> ObjectDescribe:
    """The Lead as the practice org describes it."""
    schema = seed_schema(datetime(2026, 1, 1, tzinfo=timezone.utc))
    return ObjectDescribe.from_json(describe_object(schema.objects["Lead"], "66.0"))


@dataclass
class Draft:
    """A mapping that is not in the database."""

    fields: Any
    external_id_field: str = EXTERNAL_ID


def from_field(name: str) -> dict[str, Any]:
    return {"source": "field", "name": name}


def from_attribute(name: str) -> dict[str, Any]:
    return {"source": "attribute", "name": name}


def custom(name: str) -> dict[str, Any]:
    return {"source": "custom", "name": name}


def picklist(value: Any) -> dict[str, Any]:
    return {"source": "picklist", "value": value}


def constant(value: Any) -> dict[str, Any]:
    return {"source": "constant", "value": value}


REQUIRED = {"LastName": from_field("last_name"), "Company": custom("company_name")}


def compiled(context: MappingContext = CONTEXT, required: bool = True, **fields: Any) -> Any:
    """Compile a mapping of these Lead fields beside the required ones."""
    given = {**REQUIRED, **fields} if required else fields
    return compile_mapping(Draft(given), lead(), context, ATTRIBUTES)


@dataclass
class Person:
    """A contact's columns."""

    values: dict[str, Any] = field(default_factory=dict)

    def row(self, columns: tuple[str, ...]) -> tuple[Any, ...]:
        empty = {"id": 1, "attributes": {}, "birthday": None, "last_activity_at": None}
        return tuple(self.values.get(column, empty.get(column, "")) for column in columns)


def map_person(mapping: Any, company: str | None = None, **values: Any) -> Any:
    """Map a contact whose last name is Doe unless another is given."""
    return mapping.map(Person({"last_name": "Doe", **values}).row(mapping.columns), company)
