"""The part of the mapping editor that holds the rows."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import get_default_timezone_name
from wagtail.admin.panels import Panel

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_find import ContactReferenceField
from wagtail_salesforce.admin.mapping_constants import ALL_INPUTS
from wagtail_salesforce.admin.mapping_limits import too_many


class MappingRowsPanel(Panel):
    """All Lead fields in groups, with search, and the preview with a contact."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_salesforce/mapping/rows.html"

        class Media:
            js = [
                "wagtail_salesforce/mapping.js",
                "wagtail_salesforce/mapping-options.js",
                "wagtail_salesforce/mapping-live.js",
            ]

        @cached_property
        def may_preview(self) -> bool:
            return may_see_contacts(self.request.user)

        @property
        def in_use(self) -> bool:
            """Whether replication sends what this mapping says; a new one is never in use."""
            return bool(getattr(self.instance, "in_use", False))

        @property
        def all_choices(self) -> bool:
            """Whether every row spells its choices out, for browsers without the script."""
            request = self.request
            return request.GET.get("choices") == "all" or "all-choices" in request.POST

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            field = ContactReferenceField()
            return context | {
                "form": self.form,
                "stored": bool(self.instance.pk),
                "in_use": self.in_use,
                "all_choices": self.all_choices,
                "too_many": too_many(self.form.groups, scripted=True),
                "too_many_without_script": too_many(self.form.groups, scripted=False),
                "constant_inputs": ALL_INPUTS,
                "zone": get_default_timezone_name(),
                "check_url": reverse("wagtail_salesforce:mapping_check"),
                "preview_url": reverse("wagtail_salesforce:mapping_preview"),
                "contact_attrs": field.widget_attrs(field.widget),
            }
