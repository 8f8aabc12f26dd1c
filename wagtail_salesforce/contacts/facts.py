"""What is known of one thing somebody did, checked and ready to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.values import to_json, to_python


@dataclass(frozen=True)
class Facts:
    """One thing somebody did, with everything of the right type and length.

    `fields` holds contact fields in their Python form, `attributes` attributes in their JSON
    form, `notes` sentences for the activity's comment, without personal values.
    """

    email: str
    activity_type: str
    title: str
    occurred_at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    overwrite: bool = False
    # The attribute that a given consent sets to yes, also without `overwrite`; or none.
    consent: str = ""
    value: Decimal | None = None
    page_id: int | None = None
    url: str = ""
    # What brought the person; fills the contact's own campaign only where that is empty.
    campaign: str = ""
    notes: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The facts as JSON, for the ledger."""
        return {
            **asdict(self),
            "occurred_at": to_json(self.occurred_at, FieldType.DATETIME),
            "fields": {
                name: to_json(value, FIELDS[name].type) for name, value in self.fields.items()
            },
            "value": to_json(self.value, FieldType.DECIMAL),
            "notes": list(self.notes),
        }

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any]) -> Facts:
        """The facts that `payload()` was made of."""
        fields = payload["fields"]
        return cls(
            **{
                **payload,
                "occurred_at": to_python(payload["occurred_at"], FieldType.DATETIME),
                "fields": {name: to_python(fields[name], FIELDS[name].type) for name in fields},
                "value": to_python(payload["value"], FieldType.DECIMAL),
                "notes": tuple(payload["notes"]),
            }
        )
