"""The spreadsheet of contacts: every field, every attribute, points and lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.views import generic

from wagtail_salesforce.admin.contacts_access import EXPORT
from wagtail_salesforce.admin.contacts_attribute_fields import python_value
from wagtail_salesforce.admin.contacts_columns import lead_link, lead_state, points_of
from wagtail_salesforce.admin.contacts_query import default_score
from wagtail_salesforce.admin.exports import SafeExportMixin
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.scoring.models import Score


CHUNK = 2000


class Streamed:
    """A queryset read in chunks, so that an export needs the same memory for any number."""

    def __init__(self, queryset: QuerySet[Contact]) -> None:
        self.queryset = queryset
        self.model = queryset.model

    def __iter__(self) -> Iterator[Contact]:
        return self.queryset.iterator(chunk_size=CHUNK)


class ContactExportView(SafeExportMixin, generic.IndexView):
    """The export of the contact list needs a permission of its own and streams its rows."""

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.is_export and not self.may_export:
            raise PermissionDenied

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.is_export:
            contacts = self.get_queryset()
            return self.as_spreadsheet(Streamed(contacts), request.GET["export"])
        return super().get(request, *args, **kwargs)

    @cached_property
    def may_export(self) -> bool:
        return self.request.user.has_perm(EXPORT)

    @cached_property
    def show_export_buttons(self) -> bool:
        return self.may_export

    @cached_property
    def score(self) -> Score | None:
        """The score whose points are exported."""
        return default_score()

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes to export; Wagtail 7.4 asks for the columns of the list as well."""
        if not self.is_export:
            return {}
        return {attribute.name: attribute for attribute in Attribute.objects.all()}

    @cached_property
    def list_export(self) -> list[str]:
        return ["id", *FIELDS, *self.attributes, "points", "lead_state", "lead_id"]

    @cached_property
    def export_headings(self) -> dict[str, str]:
        score = self.score
        return {
            "id": _("Number"),
            **{name: str(field.label) for name, field in FIELDS.items()},
            **{name: attribute.label for name, attribute in self.attributes.items()},
            "points": _("Points: %(score)s") % {"score": score} if score else _("Points"),
            "lead_state": _("Lead"),
            "lead_id": _("Salesforce id"),
        }

    def to_row_dict(self, item: Contact) -> dict[str, Any]:
        link = lead_link(item)
        return {
            "id": item.pk,
            **{name: getattr(item, name) for name in FIELDS},
            **{name: self.attribute_value(item, name) for name in self.attributes},
            "points": points_of(item),
            "lead_state": lead_state(item),
            "lead_id": link.lead_id if link else "",
        }

    def attribute_value(self, contact: Contact, name: str) -> Any:
        kind = FieldType(self.attributes[name].type)
        return python_value(contact.attributes.get(name), kind)

    def get_heading(self, queryset: Any, field: str) -> str:
        """A label may be an editor's own words, so a heading is guarded like a value."""
        heading = super().get_heading(queryset, field)
        return str(self.preprocess_field_value(field, heading, "csv"))
