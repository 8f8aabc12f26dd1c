"""The org's objects and their fields, and how an administrator changes them.

Source: REST guide, "sObject Describe"; Object reference.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from . import custom_fields, lead_fields, other_fields
from .fields import FieldSpec
from .plans import Plan, make_plan


MOST_PLANS = 500


@dataclass
class ObjectSpec:
    """One object: its key prefix, its rights and its fields in order."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, FieldSpec]
    writeable: bool = True
    changed_at: datetime | None = None
    by_lower: dict[str, FieldSpec] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Work out again what is looked up often; call after any change of the fields."""
        visible = [spec for spec in self.fields.values() if spec.visible]
        self.visible = visible
        # Filed under both spellings, so that the usual, exact one is found at the first look.
        self.by_lower = {spec.name.lower(): spec for spec in visible}
        self.by_lower.update((spec.name, spec) for spec in visible)
        self.plans: dict[tuple[tuple[str, ...], frozenset[str]], Plan] = {}
        self.looked_up = [spec for spec in self.fields.values() if spec.looked_up]
        self.required = [spec for spec in visible if _must_have_value(spec)]
        self.defaults = {
            spec.name: spec.default if spec.assigned is None else spec.assigned
            for spec in self.fields.values()
            if spec.default is not None or spec.assigned is not None
        }

    def find(self, name: str) -> FieldSpec | None:
        """A visible field by its name, whatever the case."""
        # Assumption body-names-case: field names in JSON bodies are as case-insensitive as those in URIs.
        return self.by_lower.get(name) or self.by_lower.get(name.lower())

    def plan(self, record: dict[str, Any], ignored: frozenset[str] = frozenset()) -> Plan:
        """How to check a record with these keys (``ignored`` ones, in lower case, are no fields)."""
        keys = (tuple(record), ignored)
        plan = self.plans.get(keys)
        if plan is None:
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
            plan = self.plans[keys] = make_plan(self, *keys)
        return plan

    def put(self, spec: FieldSpec, moment: datetime) -> None:
        """Add a field or replace the one of that name."""
        self.fields[spec.name] = spec
        self.changed_at = moment
        self.refresh()

    def drop(self, name: str, moment: datetime) -> bool:
        """Remove a field; False when there is none of that name."""
        if self.fields.pop(name, None) is None:
            return False
        self.changed_at = moment
        self.refresh()
        return True

    def copy(self) -> "ObjectSpec":
        """An independent copy (the field specifications themselves never change)."""
        return replace(self, fields=dict(self.fields), by_lower={})


def _must_have_value(spec: FieldSpec) -> bool:
    return not spec.nillable and (spec.createable or spec.updateable) and spec.type != "boolean"


@dataclass
class Schema:
    """All objects of the org."""

    objects: dict[str, ObjectSpec]

    def find(self, name: str) -> ObjectSpec | None:
        """An object by its name, whatever the case."""
        lowered = name.lower()
        return next((spec for key, spec in self.objects.items() if key.lower() == lowered), None)

    def by_prefix(self, record_id: str) -> ObjectSpec | None:
        """The object whose key prefix this id has."""
        prefix = record_id[:3]
        return next((spec for spec in self.objects.values() if spec.prefix == prefix), None)


def _object(
    name: str, plural: str, prefix: str, fields: Iterable[FieldSpec], writeable: bool = True
) -> ObjectSpec:
    by_name = {spec.name: spec for spec in fields}
    return ObjectSpec(name, name, plural, prefix, by_name, writeable)


def _lead() -> list[FieldSpec]:
    return [*lead_fields.lead_fields(), *custom_fields.lead_custom_fields()]


_BUILDERS: tuple[tuple[str, str, str, Callable[[], list[FieldSpec]], bool], ...] = (
    ("Account", "Accounts", "001", other_fields.account_fields, True),
    ("Campaign", "Campaigns", "701", other_fields.campaign_fields, True),
    ("Contact", "Contacts", "003", other_fields.contact_fields, True),
    ("Group", "Groups", "00G", other_fields.group_fields, False),
    ("Lead", "Leads", "00Q", _lead, True),
    ("Opportunity", "Opportunities", "006", other_fields.opportunity_fields, True),
    ("Organization", "Organizations", "00D", other_fields.organization_fields, False),
    ("RecordType", "Record Types", "012", other_fields.record_type_fields, False),
    ("User", "Users", "005", other_fields.user_fields, False),
)
_SEED = {
    name: _object(name, plural, prefix, build(), writeable)
    for name, plural, prefix, build, writeable in _BUILDERS
}


def seed_schema(changed_at: datetime) -> Schema:
    """The schema of a new practice org."""
    objects = {name: spec.copy() for name, spec in _SEED.items()}
    for spec in objects.values():
        spec.changed_at = changed_at
    return Schema(objects)
