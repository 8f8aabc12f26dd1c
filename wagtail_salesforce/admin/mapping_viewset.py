"""Snippets → Salesforce mappings. A mapping holds no person's data, so it may be a snippet."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import StatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import SnippetViewSet

from wagtail_salesforce.admin.mapping_few_statements import with_use
from wagtail_salesforce.admin.mapping_form import MappingForm
from wagtail_salesforce.admin.mapping_panel import MappingRowsPanel
from wagtail_salesforce.admin.mapping_views import (
    MappingCopyView,
    MappingCreateView,
    MappingDeleteView,
    MappingEditView,
)
from wagtail_salesforce.mapping.models import Mapping


def _use(mapping: Any) -> str:
    return gettext("In use") if mapping.in_use else gettext("Not in use")


def _is_in_use(mapping: Any) -> bool:
    return bool(mapping.in_use)


class MappingViewSet(SnippetViewSet):
    model = Mapping
    icon = "sliders"
    list_display = [
        "name",
        StatusTagColumn("in_use", label=_("Replication"), accessor=_use, primary=_is_in_use),
        "external_id_field",
        UpdatedAtColumn(),
    ]
    search_fields = ["name"]
    add_view_class = MappingCreateView
    edit_view_class = MappingEditView
    copy_view_class = MappingCopyView
    delete_view_class = MappingDeleteView
    add_to_reference_index = False
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("external_id_field", classname="ws-map__external"),
            MappingRowsPanel(heading=_("Lead fields"), icon="list-ul"),
        ],
        base_form_class=MappingForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        """With `in_use`, which the list shows, in the one statement."""
        return with_use()
