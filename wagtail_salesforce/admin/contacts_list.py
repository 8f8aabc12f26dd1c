"""The list of contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn

from wagtail_salesforce.admin.contacts_access import SEEING
from wagtail_salesforce.admin.contacts_bulk_actions import ButtonOfAction, buttons
from wagtail_salesforce.admin.contacts_columns import InspectColumn, LeadStateColumn, PointsColumn
from wagtail_salesforce.admin.contacts_export import ContactExportView
from wagtail_salesforce.admin.contacts_filters import ContactFilterSet
from wagtail_salesforce.admin.contacts_query import search, with_lead_link, with_points
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score


#: Orders that take more than a column: names by both parts, and last activity with those who
#: never did anything at the end, whatever the database thinks of nulls.
ORDERINGS: dict[str, tuple[Any, ...]] = {
    "last_name": ("last_name", "first_name", "id"),
    "-last_name": ("-last_name", "-first_name", "-id"),
    "-last_activity_at": (F("last_activity_at").desc(nulls_last=True), "-id"),
}


class ContactListView(ContactExportView):
    """Contacts, newest first, with search, filters and export."""

    any_permission_required = SEEING
    filterset_class = ContactFilterSet
    default_ordering = "-id"
    template_name = "wagtail_salesforce/contacts/list.html"
    # Says that there is a search box; what it looks for is in `contacts_query.search`.
    search_fields = ["email"]

    @cached_property
    def score(self) -> Score | None:
        """The score whose points are shown."""
        return self.filters.chosen_score

    @cached_property
    def bulk_actions(self) -> list[ButtonOfAction]:
        return buttons(self.request.user)

    @cached_property
    def columns(self) -> list[Any]:
        choosing = [BulkActionsCheckboxColumn("bulk_actions", obj_type="contact")]
        return [
            *(choosing if self.bulk_actions else []),
            InspectColumn(self, label=_("Name"), sort_key="last_name"),
            Column("email", label=_("E-mail"), sort_key="email_key", classname="wsc-breakable"),
            Column("company_name", label=_("Company")),
            Column("status", label=_("Status")),
            PointsColumn("points", label=self.score or _("Points")),
            LeadStateColumn("lead_state", label=_("Lead")),
            DateColumn("last_activity_at", label=_("Last activity"), sort_key="last_activity_at"),
            DateColumn("created_at", label=_("Created"), sort_key="id"),
        ]

    def get_delete_url(self, instance: Contact) -> str | None:
        """None: to delete a contact is to erase it, which has its own action and permission."""
        return None

    def get_base_queryset(self) -> QuerySet[Contact]:
        contacts = super().get_base_queryset()
        return with_points(with_lead_link(contacts), self.score)

    def order_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return queryset.order_by(*ORDERINGS.get(self.ordering, (self.ordering, "-id")))

    def search_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return search(queryset, self.search_query.strip())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_connect = self.request.user.has_perm("wagtail_salesforce.add_formconnection")
        return super().get_context_data(
            may_connect=may_connect, bulk_actions=self.bulk_actions, **kwargs
        )
