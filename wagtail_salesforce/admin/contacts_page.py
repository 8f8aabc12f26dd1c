"""A contact's page: who it is, what they did, how their points came about, where the lead is."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from wagtail_salesforce.admin.companies_membership import companies_of
from wagtail_salesforce.admin.contacts_access import SEEING
from wagtail_salesforce.admin.contacts_actions import page_actions
from wagtail_salesforce.admin.contacts_details import detail_sections
from wagtail_salesforce.admin.contacts_points import points_by_score
from wagtail_salesforce.admin.contacts_timeline import timeline
from wagtail_salesforce.admin.lead_links import lead_link_panel
from wagtail_salesforce.admin.scores_access import may_see_scores


class ContactPageView(generic.InspectView):
    """Everything known of one contact, for reading."""

    template_name = "wagtail_salesforce/contacts/contact.html"
    any_permission_required = SEEING
    page_title = _("Contact")
    history_url_name: str | None = None

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Without the link to the edit form that Wagtail puts on the name."""
        items = super().get_breadcrumbs_items()
        return [*items[:2], {"url": "", "label": str(self.object)}]

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = self.get_edit_url()
        return [HeaderButton(gettext("Edit"), url=url, icon_name="edit")] if url else []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return page_actions(self.object, self.request.user)

    def get_fields_context(self) -> list[Any]:
        """The page shows its own sections instead of Wagtail's list of columns."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            sections=detail_sections(self.object),
            companies=companies_of(self.object, self.request.user),
            scores=points_by_score(self.object),
            may_see_scores=may_see_scores(self.request.user),
            lead_link_panel=lead_link_panel(self.object),
            visitors=self.object.visitors.count(),
            **timeline(self.object, self.request),
            **kwargs,
        )
