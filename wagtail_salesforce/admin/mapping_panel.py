"""The part of the mapping editor that holds the rows."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.panels import Panel

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_find import ContactReferenceField


class MappingRowsPanel(Panel):
    """All Lead fields in groups, with search, and the preview with a contact."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_salesforce/mapping/rows.html"

        class Media:
            js = ["wagtail_salesforce/mapping.js"]

        @cached_property
        def may_preview(self) -> bool:
            return may_see_contacts(self.request.user)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            field = ContactReferenceField()
            return context | {
                "form": self.form,
                "preview_url": reverse("wagtail_salesforce:mapping_preview"),
                "contact_attrs": field.widget_attrs(field.widget),
            }
