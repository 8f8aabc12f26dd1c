"""What a field is: its type, size and rights, and the attributes describe prints of it.

Source: Object reference, "Field Types"; REST guide, "sObject Describe".
"""

import base64
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any


SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
}
COMPOUNDS = frozenset({"address", "location"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
TEXTS = frozenset(
    {
        "string",
        "textarea",
        "phone",
        "email",
        "url",
        "picklist",
        "multipicklist",
        "combobox",
        "encryptedstring",
    }
)
FIELD_TYPES = frozenset(SOAP_TYPES) | TEXTS
DEFAULT_LENGTHS = {
    "string": 255,
    "textarea": 255,
    "phone": 40,
    "email": 80,
    "url": 255,
    "picklist": 255,
    "multipicklist": 4099,
    "combobox": 255,
    "encryptedstring": 175,
    "id": 18,
    "reference": 18,
}
LONG_TEXT = 255


@dataclass(frozen=True)
class PicklistValue:
    """One entry of a picklist."""

    value: str
    label: str = ""
    active: bool = True
    default: bool = False
    valid_for: str | None = None

    def describe(self) -> dict[str, Any]:
        """The entry as describe prints it."""
        return {
            "active": self.active,
            "defaultValue": self.default,
            "label": self.label or self.value,
            "validFor": self.valid_for,
            "value": self.value,
        }


@dataclass(frozen=True)
class FieldSpec:
    """One field of an object."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    default: Any = None
    custom: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    restricted: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    auto_number: bool = False
    calculated: bool = False
    formula: str | None = None
    visible: bool = True
    name_field: bool = False
    permissionable: bool = False
    extra_type: str | None = None
    controller: str | None = None
    help: str | None = None
    assigned: Any = None

    @property
    def title(self) -> str:
        """The label, which is what error messages name the field by."""
        return self.label or self.name

    @cached_property
    def is_moment(self) -> bool:
        """Whether the value is a date, a time or both, written as text."""
        return self.type in ("date", "datetime", "time")

    @property
    def is_number(self) -> bool:
        """Whether the value is a JSON number."""
        return self.type in NUMBERS

    @property
    def is_text(self) -> bool:
        """Whether the value is free or picked text."""
        return self.type in TEXTS

    @property
    def is_long_text(self) -> bool:
        """Long text areas can be neither filtered, sorted nor grouped by."""
        return self.type == "textarea" and self.length > LONG_TEXT

    @cached_property
    def spellings(self) -> dict[str, str]:
        """The active picklist values by their lower-case spelling."""
        return {entry.value.lower(): entry.value for entry in self.picklist if entry.active}

    @property
    def looked_up(self) -> bool:
        """Whether an index of the values is kept."""
        return self.unique or self.external_id


def field(name: str, type: str, label: str = "", **attributes: Any) -> FieldSpec:
    """A field with the usual size and SOAP type of its kind filled in."""
    attributes.setdefault("length", DEFAULT_LENGTHS.get(type, 0))
    if type == "boolean":
        attributes.setdefault("nillable", False)
        attributes.setdefault("default", False)
        attributes.setdefault("defaulted", True)
    if attributes.get("external_id"):
        attributes.setdefault("id_lookup", True)
    return FieldSpec(name=name, type=type, label=label, **attributes)


def read_only(spec: FieldSpec) -> FieldSpec:
    """The same field, not writeable."""
    return replace(spec, createable=False, updateable=False)


def entries(*values: str, default: str | None = None) -> tuple[PicklistValue, ...]:
    """Active picklist entries whose labels are their values."""
    return tuple(PicklistValue(value, default=value == default) for value in values)


def bitmap(position: int, count: int) -> str:
    """``validFor`` of an entry that goes with one of so many controlling entries.

    Source: SOAP guide, "PicklistEntry": one bit for each controlling entry, the first the highest.
    """
    bits = bytearray((count + 7) // 8)
    bits[position // 8] = 0x80 >> (position % 8)
    return base64.b64encode(bytes(bits)).decode()


@lru_cache(maxsize=2048)
def positions(valid_for: str) -> frozenset[int]:
    """The positions of the controlling entries that a ``validFor`` names."""
    data = base64.b64decode(valid_for)
    return frozenset(
        byte * 8 + bit for byte in range(len(data)) for bit in range(8) if data[byte] & 0x80 >> bit
    )
