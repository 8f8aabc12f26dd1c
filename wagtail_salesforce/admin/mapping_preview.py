"""What the mapping on the page, saved or not, makes of one contact."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_find import find
from wagtail_salesforce.admin.held_back import held_back_by
from wagtail_salesforce.admin.mapping_describe import lead_fields
from wagtail_salesforce.admin.mapping_form import sent_rows
from wagtail_salesforce.admin.mapping_preview_words import lines
from wagtail_salesforce.admin.mapping_rows import entries
from wagtail_salesforce.admin.permissions import (
    ADD_MAPPING,
    CHANGE_MAPPING,
    PermissionRequiredMixin,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.preview import PreviewRow, preview
from wagtail_salesforce.mapping.validate import problems
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


CONTACT = "preview-contact"


class MappingPreviewView(PermissionRequiredMixin, View):
    """Takes the editor's form and answers with a table, as a part of the page."""

    http_method_names = ["post"]
    permissions = (ADD_MAPPING, CHANGE_MAPPING)
    template_name = "wagtail_salesforce/mapping/preview.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        if not may_see_contacts(request.user):
            raise PermissionDenied
        try:
            contact = _contact(request.POST.get(CONTACT, ""))
        except ValidationError as error:
            return self._answer({"errors": error.messages})
        return self._answer(self._preview(contact))

    def _preview(self, contact: Contact) -> dict[str, Any]:
        fields = lead_fields(submitted=True)
        if fields.describe is None:
            return {"errors": [fields.trouble]}
        try:
            mapping = Mapping(fields=entries(sent_rows(self.request.POST)))
        except ValueError:
            return {"errors": [_("A row has a source that is not known here.")]}
        attributes = list(Attribute.objects.all())
        types = {each.name: FieldType(each.type) for each in attributes}
        rows = preview(
            mapping,
            fields.describe,
            _context(),
            types,
            contact,
            {each.name: each.label for each in attributes},
        )
        mapping.external_id_field = self.request.POST.get("external_id_field", "")
        broken = any(each.is_error for each in problems(mapping, fields.describe, types))
        return {
            "contact": contact,
            "rows": rows,
            "lines": lines(rows, fields.describe),
            "suspends": _suspends(rows),
            "broken": broken,
            "held": _held(contact),
        }

    def _answer(self, context: dict[str, Any]) -> HttpResponse:
        return render(self.request, self.template_name, context)


def _contact(text: str) -> Contact:
    text = text.replace("\0", "").strip()
    if text:
        return find(text)
    newest = Contact.objects.first()
    if newest is None:
        raise ValidationError(_("There is no contact yet to try the mapping with."))
    return newest


def _context() -> MappingContext:
    settings = ReplicationSettings.load()
    return MappingContext(
        default_company_name=settings.default_company_name,
        lead_description=settings.lead_description,
    )


def _held(contact: Contact) -> str:
    """Why the contact would not be sent now, whatever its values are."""
    link = LeadLink.objects.filter(contact=contact).first() or LeadLink(contact=contact)
    if link.state == LeadLink.State.EXCLUDED:
        return _("It is excluded.")
    held = held_back_by(link, ReplicationSettings.load())
    return " ".join(filter(None, (held.points, held.otherwise)))


def _suspends(rows: list[PreviewRow]) -> bool:
    return any(row.refusal for row in rows)
