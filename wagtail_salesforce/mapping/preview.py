"""What a mapping makes of one contact, row by row, also while the mapping is unfinished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping import refusals
from wagtail_salesforce.mapping.choices import label_of
from wagtail_salesforce.mapping.companies import company_names
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.description import InvalidDescription
from wagtail_salesforce.mapping.mappers import columns_of, raw_getter, read_and_convert
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.mapping.plan import FieldPlan, plan_field
from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.mapping.resolve import SourceEntry
from wagtail_salesforce.mapping.structure import form_problems
from wagtail_salesforce.mapping.validate import MappingLike, MappingProblem, row_problems
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


@dataclass(frozen=True)
class PreviewRow:
    """One Lead field: what the source holds, and what would be sent.

    `label` is the Lead field's label, its API name where the organization has no such field;
    `value` is None where the field would be cleared or left out, `sent` whether it travels at all;
    `problems` are those of the mapping itself, whose errors leave the rest empty.
    """

    field: str
    label: str
    source: str
    source_value: Any = None
    value: Any = None
    sent: bool = False
    shortened: Shortened | None = None
    refusal: Refusal | None = None
    problems: tuple[MappingProblem, ...] = ()


def preview(
    mapping: MappingLike,
    describe: ObjectDescribe,
    context: MappingContext,
    attribute_types: AttributeTypes,
    contact: Contact,
    attribute_labels: Mapping[str, str] | None = None,
) -> list[PreviewRow]:
    """What would be sent for a contact, in the mapping's order.

    Rows with an error show it and nothing else, so an unfinished mapping can be previewed too.
    """
    company = company_names([contact.pk]).get(contact.pk) if contact.pk else None
    labels = attribute_labels or {}
    return [
        _row(name, entry, describe, context, attribute_types, contact, company, labels)
        for name, entry in mapping.fields.items()
    ]


def _row(
    name: str,
    entry: SourceEntry,
    describe: ObjectDescribe,
    context: MappingContext,
    attribute_types: AttributeTypes,
    contact: Contact,
    company: str | None,
    labels: Mapping[str, str],
) -> PreviewRow:
    found = tuple(row_problems(name, entry, describe, attribute_types))
    field = describe.fields.get(name)
    source = "" if form_problems(name, entry) else label_of(entry, labels)
    if field is None or any(problem.is_error for problem in found):
        return PreviewRow(name, field.label if field else name, source, problems=found)
    try:
        plan = plan_field(field, entry, context, attribute_types)
    except InvalidDescription as error:
        broken = MappingProblem(name, error.code, "error", error.message)
        return PreviewRow(name, field.label, source, problems=(*found, broken))
    raw, result = _values(plan, attribute_types, contact, company)
    return _filled(field, source, raw, result, found)


def _values(
    plan: FieldPlan, attribute_types: AttributeTypes, contact: Contact, company: str | None
) -> tuple[Any, Any]:
    """The source's value and what becomes of it."""
    if plan.reading is None or plan.convert is None:
        return plan.fixed, plan.fixed
    columns = columns_of([plan.reading])
    row = tuple(getattr(contact, column) for column in columns)
    lists = plan.field.type == "multipicklist"
    get = raw_getter(plan.reading, columns, attribute_types, lists=lists)
    seen: list[Any] = []

    def get_and_keep(row: Sequence[Any], company: str | None) -> Any:
        seen.append(get(row, company))
        return seen[-1]

    result = read_and_convert(plan.field, get_and_keep, plan.convert, row, company)
    return (seen[-1] if seen else None), result


def _filled(
    field: FieldDescribe, source: str, raw: Any, result: Any, found: tuple[MappingProblem, ...]
) -> PreviewRow:
    if result is None and field.required:
        result = refusals.missing(field)
    refusal = result if isinstance(result, Refusal) else None
    shortened = result if isinstance(result, Shortened) else None
    value = shortened.value if shortened else None if refusal else result
    sent = refusal is None and (value is not None or field.nillable)
    return PreviewRow(field.name, field.label, source, raw, value, sent, shortened, refusal, found)
