"""What rules are told about a contact: plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A contact's fields and attributes by name, in their Python form; None when empty."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActivityFact:
    """Something the contact did.

    For rules that look neither at the time nor at the words of an activity, many like ones may
    come as one fact: `count` says how many, `value` is their sum, and `occurred_at` is None.
    """

    type: str
    value: Decimal | None = None
    page_id: int | None = None
    title: str = ""
    campaign: str = ""
    occurred_at: datetime | None = None
    count: int = 1
