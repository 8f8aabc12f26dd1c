"""What is known of a contact, as label and value pairs for reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.contacts_attribute_fields import python_value
from wagtail_salesforce.admin.contacts_forms import SECTIONS
from wagtail_salesforce.contacts.countries import country_name, state_name
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.wording import in_words


@dataclass(frozen=True)
class Detail:
    """One known thing: `link` is "mailto:", "tel:" or "" for plain text."""

    label: str
    value: str
    link: str = ""


@dataclass(frozen=True)
class DetailSection:
    """Known things under a heading; sections with nothing known are left out."""

    id: str
    label: str | Promise
    details: tuple[Detail, ...]


LINKS = {"email": "mailto:", "business_phone": "tel:", "mobile_phone": "tel:"}


def detail_sections(contact: Contact) -> list[DetailSection]:
    """The sections of a contact's page, without empty values and empty sections."""
    sections = [
        DetailSection(part.id, part.label, tuple(_details(contact, part.fields)))
        for part in SECTIONS
    ]
    attributes = DetailSection("attributes", _("Attributes"), tuple(_attributes(contact)))
    return [section for section in [*sections, attributes] if section.details]


def _details(contact: Contact, names: tuple[str, ...]) -> Iterator[Detail]:
    for name in names:
        value = getattr(contact, name)
        if value not in (None, ""):
            yield Detail(_label(name), _shown(contact, name, value), LINKS.get(name, ""))


def _label(name: str) -> str:
    if name in FIELDS:
        return str(FIELDS[name].label)
    return _("Owner") if name == "owner" else _("Website user")


def _shown(contact: Contact, name: str, value: Any) -> str:
    if name == "country":
        return country_name(value) or value
    if name == "state":
        return state_name(value, contact.country) or value
    return in_words(value)


def _attributes(contact: Contact) -> Iterator[Detail]:
    for attribute in Attribute.objects.all():
        value = python_value(contact.attributes.get(attribute.name), FieldType(attribute.type))
        if value not in (None, ""):
            yield Detail(attribute.label, in_words(value))
