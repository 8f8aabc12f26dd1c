"""Snippets → Salesforce mappings. A mapping holds no person's data, so it may be a snippet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import UpdatedAtColumn
from wagtail.snippets.views.snippets import SnippetViewSet

from wagtail_salesforce.admin.mapping_form import MappingForm
from wagtail_salesforce.admin.mapping_panel import MappingRowsPanel
from wagtail_salesforce.admin.mapping_views import (
    MappingCopyView,
    MappingCreateView,
    MappingDeleteView,
    MappingEditView,
)
from wagtail_salesforce.mapping.models import Mapping


class MappingViewSet(SnippetViewSet):
    model = Mapping
    icon = "sliders"
    list_display = ["name", "external_id_field", UpdatedAtColumn()]
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
