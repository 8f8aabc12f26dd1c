"""Reads the data of one form submission through its form connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.reading import read
from wagtail_salesforce.contacts.values import to_json


class FormReader:
    """Reads the data of one submission and gathers what is noteworthy about it."""

    def __init__(
        self, connection: FormConnection, data: Any, number_fields: Collection[str]
    ) -> None:
        self.connection = connection
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.number_fields = number_fields
        self.notes: list[str] = []

    def email(self) -> str:
        """The e-mail address; ValueError with the reason when there is none."""
        for name, target in self.connection.fields.items():
            if target == {"field": "email"} and (text := read(self.data.get(name), FieldType.TEXT)):
                return valid_email(text)
        raise ValueError(_("There is no e-mail address, so nobody could be recognised."))

    def facts(self, email: str, occurred_at: datetime | None) -> Facts:
        fields, attributes, value = self._fields(), self._attributes(), self._value()
        return Facts(
            email=email,
            activity_type=self.connection.activity_type,
            title=self.connection.name,
            occurred_at=occurred_at or timezone.now(),
            fields=fields,
            attributes=attributes,
            overwrite=self.connection.overwrite,
            value=value,
            page_id=self.connection.page_id,
            notes=tuple(self.notes),
        )

    def _fields(self) -> dict[str, Any]:
        found = {}
        for name, target in self._targets("field"):
            if target != "email" and target in WRITABLE:
                field = WRITABLE[target]
                value = self._read(name, field.type, str(field.label), room_for(target))
                found[target] = value
        return found

    def _attributes(self) -> dict[str, Any]:
        types = getattr(self.connection, "attribute_types", None) or {}
        found = {}
        for name, target in self._targets("attribute"):
            if target in types:
                kind = FieldType(types[target])
                value = self._read(name, kind, target, room_for_attribute(kind))
                found[target] = to_json(value, kind)
            else:
                self.notes.append(_("There is no attribute %(name)s any more.") % {"name": target})
        return found

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

    def _read(self, name: str, kind: FieldType, label: str, room: int | None) -> Any:
        """The value of a form field, or None when it is empty or refused, which is noted."""
        try:
            value = read(self.data.get(name), kind, number_field=name in self.number_fields)
        except ValueError as error:
            self.notes.append(refused(label, error))
            return None
        return shorten(label, value, room, self.notes)
