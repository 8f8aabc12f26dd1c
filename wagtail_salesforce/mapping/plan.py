"""One row of a mapping, resolved: the Lead field, how its value is had and how it is converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.mapping.constants import fixed_value
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.convert import Converter, converter
from wagtail_salesforce.mapping.converters import own_converter, with_own
from wagtail_salesforce.mapping.reading import AttributeTypes, Reading
from wagtail_salesforce.mapping.resolve import (
    NAMED_GROUPS,
    SourceEntry,
    group_of,
    reading_of,
)
from wagtail_salesforce.salesforce.describe import FieldDescribe


@dataclass(frozen=True)
class FieldPlan:
    """How one Lead field is filled: by a reading and its converter, or by a fixed value."""

    field: FieldDescribe
    reading: Reading | None = None
    convert: Converter | None = None
    fixed: Any = None

    @property
    def converts_always(self) -> bool:
        """Whether no value may be sent as it is, since the site has a converter of its own."""
        return own_converter(self.field) is not None

    @property
    def leaves_out(self) -> bool:
        """Whether an empty value is left out, as the field cannot be cleared.

        Salesforce then fills in its default, or keeps what it has: a blank never becomes "now"
        or "true".
        """
        return self.reading is not None and not self.field.nillable and not self.field.required


def plan_field(
    field: FieldDescribe,
    entry: SourceEntry,
    context: MappingContext,
    attribute_types: AttributeTypes,
) -> FieldPlan:
    """Resolve one row that has no error. Raises InvalidConstant or InvalidDescription."""
    if group_of(entry) not in NAMED_GROUPS:
        return FieldPlan(field, fixed=fixed_value(entry, field, context.time_zone))
    return FieldPlan(
        field,
        reading=reading_of(entry, context, attribute_types),
        convert=with_own(field, converter(field, context.time_zone)),
    )
