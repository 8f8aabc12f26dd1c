"""Reads what rules need to know, for many contacts at once: columns and sums, no instances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    FilteredRelation,
    Q,
    Subquery,
)

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.scoring.facts import ContactFacts
from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.models import Score


@dataclass
class ContactRow:
    """A contact's facts, and the points held so far by score id."""

    facts: ContactFacts
    held: dict[int, Held] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The contact fields and attributes that rules look at."""

    fields: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


def read_contacts(
    contact_ids: Collection[int], scores: Collection[Score], columns: Columns
) -> tuple[dict[int, ContactRow], dict[str, FieldType]]:
    """The contacts that exist, by id in ascending order, and the types of the attributes; with
    the points in force in these scores.

    One statement for everything: one row per contact and score held.
    """
    rows: dict[int, ContactRow] = {}
    types: dict[str, FieldType] = {}
    for row in _contact_rows(contact_ids, scores, columns):
        contact_id, score_id, points, expires_at, shares, *rest = row
        if contact_id not in rows:
            types = types or _types(columns, rest)
            rows[contact_id] = ContactRow(_facts(columns, rest, types))
        if score_id is not None:
            rows[contact_id].held[score_id] = Held.from_row(points, expires_at, shares)
    return rows, types


def _contact_rows(
    contact_ids: Collection[int], scores: Collection[Score], columns: Columns
) -> Iterable[tuple[Any, ...]]:
    type_columns = {
        f"type_of_{number}": Subquery(Attribute.objects.filter(name=name).values("type"))
        for number, name in enumerate(columns.attributes)
    }
    held = FilteredRelation("score_points", condition=_in_force(scores))
    contacts = Contact.objects.filter(pk__in=contact_ids).annotate(held=held, **type_columns)
    return contacts.order_by("pk").values_list(
        "pk",
        *(f"held__{name}" for name in ("score_id", "points", "expires_at", "shares")),
        *columns.fields,
        *type_columns,
        *(("attributes",) if columns.attributes else ()),
    )


def _in_force(scores: Collection[Score]) -> Q:
    """The condition of the rows in force in these scores, which were just read."""
    condition = Q(score_points__score=0)
    for score in scores:
        condition |= Q(score_points__score=score.pk, score_points__generation=score.generation)
    return condition


def _types(columns: Columns, rest: Sequence[Any]) -> dict[str, FieldType]:
    kinds = rest[len(columns.fields) : len(columns.fields) + len(columns.attributes)]
    return {
        name: FieldType(kind) for name, kind in zip(columns.attributes, kinds, strict=True) if kind
    }


def _facts(columns: Columns, rest: Sequence[Any], types: dict[str, FieldType]) -> ContactFacts:
    stored = rest[-1] if columns.attributes else {}
    attributes = {name: _value(stored.get(name), kind) for name, kind in types.items()}
    return ContactFacts(dict(zip(columns.fields, rest, strict=False)), attributes)


def _value(stored: Any, kind: FieldType) -> Any:
    """The Python form; a value of a former type of the attribute counts as empty."""
    try:
        return to_python(stored, kind)
    except ValueError:
        return None
