"""What is known of each field of a contact: its name, its type and where it may be used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FieldType(str, Enum):
    """The types of contact fields and attributes."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"


# Types whose Python form is text.
TEXT_TYPES = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE})


FIELD_TYPE_CHOICES = [
    (FieldType.TEXT.value, _("Text")),
    (FieldType.LONG_TEXT.value, _("Long text")),
    (FieldType.INTEGER.value, _("Whole number")),
    (FieldType.DECIMAL.value, _("Decimal number")),
    (FieldType.FLOAT.value, _("Floating-point number")),
    (FieldType.BOOLEAN.value, _("Yes or no")),
    (FieldType.DATE.value, _("Date")),
    (FieldType.DATETIME.value, _("Date and time")),
    (FieldType.CHOICE.value, _("Choice")),
]


@dataclass(frozen=True)
class ContactField:
    """A contact field that forms, mappings and rules may name."""

    name: str
    label: str | Promise
    type: FieldType
    max_length: int | None = None
    required: bool = False
    writable: bool = True


def _text(name: str, label: str | Promise, max_length: int) -> ContactField:
    return ContactField(name, label, FieldType.TEXT, max_length)


FIELDS: dict[str, ContactField] = {
    field.name: field
    for field in (
        _text("email", _("E-mail"), 254),
        _text("first_name", _("First name"), 100),
        _text("middle_name", _("Middle name"), 100),
        _text("last_name", _("Last name"), 100),
        _text("job_title", _("Job title"), 100),
        _text("company_name", _("Company name"), 160),
        _text("business_phone", _("Business phone"), 40),
        _text("mobile_phone", _("Mobile phone"), 40),
        _text("street", _("Street"), 100),
        _text("city", _("City"), 100),
        _text("postal_code", _("Postcode"), 100),
        _text("state", _("State or region"), 100),
        _text("country", _("Country"), 100),
        ContactField("birthday", _("Birthday"), FieldType.DATE),
        _text("gender", _("Gender"), 20),
        _text("campaign", _("Campaign"), 200),
        _text("status", _("Status"), 100),
        ContactField("notes", _("Notes"), FieldType.LONG_TEXT),
        ContactField("created_at", _("Created"), FieldType.DATETIME, required=True, writable=False),
        ContactField("last_activity_at", _("Last activity"), FieldType.DATETIME, writable=False),
    )
}

WRITABLE = {name: field for name, field in FIELDS.items() if field.writable}

# Attributes of the type text are as long as most forms' single lines; long text has no limit.
ATTRIBUTE_TEXT_LENGTH = 255
