"""The careful way to map a row: each field by its own function, which knows every case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wagtail_salesforce.mapping.mappers import FieldMapper, Notes, Row, field_mapper, raw_getter
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.mapping.plan import FieldPlan
from wagtail_salesforce.mapping.reading import AttributeTypes


Payload = dict[str, Any]
Mapped = tuple[Payload, tuple[Refusal, ...], tuple[Shortened, ...]]
RowMapper = Callable[[Row, "str | None"], Mapped]
FieldFunction = FieldMapper


def function_of(
    plan: FieldPlan, columns: Sequence[str], attribute_types: AttributeTypes
) -> FieldFunction | None:
    """The function for one field; None for a fixed value."""
    if plan.reading is None or plan.convert is None:
        return None
    lists = plan.field.type == "multipicklist"
    get = raw_getter(plan.reading, columns, attribute_types, lists=lists)
    return field_mapper(plan.field, get, plan.convert)


def careful_mapper(
    plans: Sequence[FieldPlan], functions: Sequence[FieldFunction | None]
) -> RowMapper:
    """The function for a whole row, one field after the other."""

    def map_row(row: Row, company: str | None) -> Mapped:
        payload: Payload = {}
        notes: Notes = []
        for plan, function in zip(plans, functions, strict=True):
            value = plan.fixed if function is None else function(row, company, notes)
            if value is not None or not plan.leaves_out:
                payload[plan.field.name] = value
        return settle(payload, notes)

    return map_row


def settle(payload: Payload, notes: Notes) -> Mapped:
    """Sort the notes; a refused field is not in the payload."""
    refused = tuple(note for note in notes if isinstance(note, Refusal))
    for refusal in refused:
        payload.pop(refusal.field, None)
    return payload, refused, tuple(note for note in notes if isinstance(note, Shortened))
