"""What a lead description, saved or not, comes to for one contact and in the Lead fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wagtail_salesforce.admin.description_check import Failure, first_failure, renderer
from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.preview import PreviewRow, preview
from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.mapping.text import clean, units
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


SOURCE = {"source": "custom", "name": "lead_description"}


@dataclass(frozen=True)
class LeadField:
    """A Lead field that the description fills, and what it gets."""

    field: FieldDescribe
    row: PreviewRow


@dataclass(frozen=True)
class DescriptionPreview:
    """The text, its length as Salesforce takes it, and the Lead fields it goes to.

    `is_mapped` says whether the mapping uses the description at all; `lead_fields` is empty also
    while the organization's fields have never been read.
    """

    contact: Contact
    text: str = ""
    failure: Failure | None = None
    is_mapped: bool = False
    lead_fields: list[LeadField] = field(default_factory=list)

    @property
    def length(self) -> int:
        return units(self.text)


def preview_of(
    source: str, contact: Contact, types: AttributeTypes, mapping: Mapping | None
) -> DescriptionPreview:
    """Render a template that is known to be well-formed. Makes no API call."""
    if failure := first_failure(source, types, [contact]):
        return DescriptionPreview(contact, failure=failure)
    text = clean(renderer(source, types)(contact), multiline=True)
    names = [name for name, entry in mapping.fields.items() if entry == SOURCE] if mapping else []
    describe = _last_describe(mapping) if mapping and names else None
    fields = list(_lead_fields(source, contact, types, names, describe)) if describe else []
    return DescriptionPreview(contact, text, None, bool(names), fields)


def _lead_fields(
    source: str,
    contact: Contact,
    types: AttributeTypes,
    names: list[str],
    describe: ObjectDescribe,
) -> Iterator[LeadField]:
    part = Mapping(fields=dict.fromkeys(names, SOURCE))
    context = MappingContext(lead_description=source)
    for row in preview(part, describe, context, types, contact):
        if row.field in describe.fields:
            yield LeadField(describe.fields[row.field], row)


def _last_describe(mapping: Mapping) -> ObjectDescribe | None:
    """The organization's fields as they were read last, however long ago."""
    known = DescribeSnapshot.objects.filter(
        org_id=Connection.load().org_id, object_name=mapping.object_name
    ).first()
    return ObjectDescribe.from_json(known.data) if known else None
