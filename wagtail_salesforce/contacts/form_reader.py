"""Reads the data of one form submission through its form connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.emails import valid_email
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.fields import WRITABLE, FieldType
from wagtail_salesforce.contacts.filling import (
    activity_value,
    refused,
    room_for,
    room_for_attribute,
    shorten,
)
from wagtail_salesforce.contacts.known_values import KnownValues, known_to
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.names import split_name
from wagtail_salesforce.contacts.reading import read
from wagtail_salesforce.contacts.values import to_json


class FormReader:
    """Reads the data of one submission and gathers what is noteworthy about it."""

    def __init__(
        self,
        connection: FormConnection,
        data: Any,
        number_fields: Collection[str],
        known: KnownValues | None = None,
    ) -> None:
        """`known` is what values are checked against, else what was read with the connection."""
        self.connection = connection
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.number_fields = number_fields
        self.known = known or known_to(connection)
        self.notes: list[str] = []

    def email(self) -> str:
        """The e-mail address; ValueError with the reason when there is none."""
        for name, target in self.connection.fields.items():
            if target == {"field": "email"} and (text := read(self.data.get(name), FieldType.TEXT)):
                return valid_email(text)
        raise ValueError(_("There is no e-mail address, so nobody could be recognised."))

    def facts(self, email: str, occurred_at: datetime | None, url: str = "") -> Facts:
        """Everything else; `notes` of the facts say what was left out."""
        fields, attributes = {**self._fields(), **self._names()}, self._attributes()
        value, consent = self._value(), self._consent()
        return Facts(
            email=email,
            activity_type=self.connection.activity_type,
            title=self.connection.name,
            occurred_at=occurred_at or timezone.now(),
            fields=fields,
            attributes=attributes,
            overwrite=self.connection.overwrite,
            consent=consent,
            value=value,
            page_id=self.connection.page_id,
            url=url,
            notes=tuple(self.notes),
        )

    def _fields(self) -> dict[str, Any]:
        found = {}
        for name, target in self._targets("field"):
            if target != "email" and target in WRITABLE:
                field = WRITABLE[target]
                choices = self.known.for_field(target)
                found[target] = self._read(
                    name, field.type, str(field.label), room_for(target), choices
                )
        return found

    def _names(self) -> dict[str, str]:
        """The parts of a full name, and a note when a title or the like has no field."""
        found: dict[str, str] = {}
        for name, _target in self._targets("split"):
            parts = split_name(self._read(name, FieldType.TEXT, _("Full name"), None) or "")
            if parts.left_out:
                self.notes.append(_("A title, degree or nickname in the name was left out."))
            for field, part in parts.fields.items():
                label = str(WRITABLE[field].label)
                found[field] = shorten(label, part, room_for(field), self.notes)
        return found

    def _attributes(self) -> dict[str, Any]:
        types = self.known.types
        found = {}
        for name, target in self._targets("attribute"):
            # Consent alone sets its attribute: an unticked box must not withdraw it.
            if target == self.connection.consent_attribute:
                continue
            if target in types:
                kind, choices = types[target], self.known.for_attribute(target)
                value = self._read(name, kind, target, room_for_attribute(kind), choices)
                found[target] = to_json(value, kind)
            else:
                self._miss(target)
        return found

    def _consent(self) -> str:
        """The attribute that becomes yes, as the consent box is ticked; "" when it is not."""
        name, attribute = self.connection.consent_field, self.connection.consent_attribute
        if not (name and attribute):
            return ""
        if not self._read(name, FieldType.BOOLEAN, _("The consent"), None):
            return ""
        if self.known.types.get(attribute) is not FieldType.BOOLEAN:
            self._miss(attribute)
            return ""
        self.notes.append(_("Consent was given (%(attribute)s).") % {"attribute": attribute})
        return attribute

    def _miss(self, attribute: str) -> None:
        self.notes.append(_("There is no attribute %(name)s any more.") % {"name": attribute})

    def _value(self) -> Decimal | None:
        if not self.connection.value_field:
            return None
        label = _("The activity's value")
        number = self._read(self.connection.value_field, FieldType.DECIMAL, label, None)
        try:
            return activity_value(number)
        except ValueError as error:
            self.notes.append(refused(label, error))
            return None

    def _targets(self, kind: str) -> list[tuple[str, str]]:
        fields = self.connection.fields.items()
        return [(name, target[kind]) for name, target in fields if kind in target]

    def _read(
        self,
        name: str,
        kind: FieldType,
        label: str,
        room: int | None,
        choices: Sequence[str] | None = None,
    ) -> Any:
        """The value of a form field, or None when it is empty or refused, which is noted."""
        given, as_number = self.data.get(name), name in self.number_fields
        try:
            value = read(given, kind, number_field=as_number, choices=choices)
        except ValueError as error:
            self.notes.append(refused(label, error))
            return None
        return shorten(label, value, room, self.notes)
