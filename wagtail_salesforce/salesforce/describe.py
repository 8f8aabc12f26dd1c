"""What an org says about an object and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class PicklistEntry:
    """One entry of a picklist. `value` is what is stored, `label` what people see."""

    value: str
    label: str
    active: bool = True
    default: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PicklistEntry:
        return cls(
            value=data["value"],
            label=data.get("label") or data["value"],
            active=bool(data.get("active", True)),
            default=bool(data.get("defaultValue", False)),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "label": self.label,
            "active": self.active,
            "defaultValue": self.default,
        }


#: attribute of FieldDescribe: (key in Salesforce's answer, what an absent key means)
_KEYS: dict[str, tuple[str, Any]] = {
    "name": ("name", ""),
    "label": ("label", ""),
    "type": ("type", "string"),
    "length": ("length", 0),
    "precision": ("precision", 0),
    "scale": ("scale", 0),
    "digits": ("digits", 0),
    "nillable": ("nillable", True),
    "createable": ("createable", False),
    "updateable": ("updateable", False),
    "defaulted_on_create": ("defaultedOnCreate", False),
    "restricted": ("restrictedPicklist", False),
    "external_id": ("externalId", False),
    "unique": ("unique", False),
    "case_sensitive": ("caseSensitive", False),
    "calculated": ("calculated", False),
    "auto_number": ("autoNumber", False),
    "compound_field_name": ("compoundFieldName", ""),
    "help_text": ("inlineHelpText", ""),
    "custom": ("custom", False),
}


@dataclass(frozen=True)
class FieldDescribe:
    """One field of an object, as the integration user may see it.

    `length` is in characters; `precision` and `scale` are decimal digits in all and after the
    point; `digits` are the digits of an int field (REST guide, "sObject Describe").
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    defaulted_on_create: bool = False
    restricted: bool = False
    picklist: tuple[PicklistEntry, ...] = ()
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    calculated: bool = False
    auto_number: bool = False
    compound_field_name: str = ""
    reference_to: tuple[str, ...] = ()
    help_text: str = ""
    custom: bool = False

    @property
    def required(self) -> bool:
        """Whether a new record cannot be made without a value for the field."""
        return self.createable and not self.nillable and not self.defaulted_on_create

    @cached_property
    def mappable(self) -> bool:
        """Whether a contact's data may fill the field."""
        return _is_mappable(self)

    @cached_property
    def active_values(self) -> tuple[str, ...]:
        """The picklist values that may be chosen now."""
        return tuple(entry.value for entry in self.picklist if entry.active)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FieldDescribe:
        """Read an entry of `fields` in a describe answer."""
        plain = {
            name: data.get(key, absent) if data.get(key) is not None else absent
            for name, (key, absent) in _KEYS.items()
        }
        entries = tuple(PicklistEntry.from_json(item) for item in data.get("picklistValues") or ())
        return cls(**plain, picklist=entries, reference_to=tuple(data.get("referenceTo") or ()))

    def to_json(self) -> dict[str, Any]:
        """The field under Salesforce's own keys; `from_json` reads it back."""
        data = {key: getattr(self, name) for name, (key, _absent) in _KEYS.items()}
        data["picklistValues"] = [entry.to_json() for entry in self.picklist]
        data["referenceTo"] = list(self.reference_to)
        return data


#: An external identifier must hold 32 hexadecimal digits.
EXTERNAL_ID_LENGTH = 32


@dataclass(frozen=True)
class ObjectDescribe:
    """An object and its fields by API name, in the org's order; `read_at` where that is known."""

    name: str
    label: str
    fields: dict[str, FieldDescribe]
    read_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], read_at: datetime | None = None) -> ObjectDescribe:
        """Read Salesforce's answer to `sobjects/X/describe`, or what `to_json` gave."""
        fields = {item["name"]: FieldDescribe.from_json(item) for item in data["fields"]}
        return cls(data["name"], data.get("label") or data["name"], fields, read_at)

    def to_json(self) -> dict[str, Any]:
        """What is worth keeping, under Salesforce's own keys."""
        fields = [field.to_json() for field in self.fields.values()]
        return {"name": self.name, "label": self.label, "fields": fields}

    def external_id_fields(self) -> list[FieldDescribe]:
        """The fields that can identify a contact's record.

        Custom text of 32 characters or more, External ID, unique, writable. Without "unique",
        Salesforce asks for View All Data and may find several records (REST guide, upsert).
        """
        return [field for field in self.fields.values() if _is_identifier(field)]

    def mappable_fields(self) -> list[FieldDescribe]:
        """The fields that a contact's data may fill."""
        return [field for field in self.fields.values() if field.mappable]


def _is_identifier(field: FieldDescribe) -> bool:
    return (
        field.custom
        and field.type == "string"
        and field.length >= EXTERNAL_ID_LENGTH
        and field.external_id
        and field.unique
        and field.createable
        and field.updateable
    )


def _is_mappable(field: FieldDescribe) -> bool:
    return (
        field.createable
        and field.updateable
        and not field.auto_number
        and not field.calculated
        and not field.external_id
        and field.type not in COMPOUND_TYPES
    )


#: Compound fields hold others and are written through these (REST guide, "Compound Fields").
COMPOUND_TYPES = frozenset({"address", "location"})
