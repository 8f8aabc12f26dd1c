"""Reports → Salesforce replication → Contacts that need attention."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.middleware.csrf import get_token
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.reports import ReportView

from wagtail_salesforce.admin.exports import SafeExportMixin
from wagtail_salesforce.admin.lead_links import contact_url, correct_url, lead_url, link_view
from wagtail_salesforce.admin.permissions import (
    REPLICATE_CONTACT,
    VIEW_LINKS,
    PermissionRequiredMixin,
    may,
)
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.replication.models import LeadLink


State = LeadLink.State
ATTENTION = (State.SUSPENDED, State.EXCLUDED, State.ERASED)
#: Of links whose contact is gone, only those matter whose lead is still there.
GONE = Q(state=State.ERASED, last_error_code="") | Q(contact=None, lead_id="")
SEARCHED = ("contact__email", "contact__first_name", "contact__last_name", "lead_id")


class AttentionFilterSet(WagtailFilterSet):
    search = django_filters.CharFilter(label=_("Name, e-mail or lead"), method="find")
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[(state.value, state.label) for state in ATTENTION]
    )
    excluded_reason = django_filters.ChoiceFilter(
        label=_("Excluded because"), choices=LeadLink.Excluded.choices
    )
    last_error_code = django_filters.CharFilter(label=_("Error code"), lookup_expr="icontains")

    class Meta:
        model = LeadLink
        fields = ["search", "state", "excluded_reason", "last_error_code"]

    def find(self, queryset: QuerySet[LeadLink], name: str, value: str) -> QuerySet[LeadLink]:
        wanted = Q()
        for field in SEARCHED:
            wanted |= Q(**{f"{field}__icontains": value})
        return queryset.filter(wanted)


class ContactColumn(Column):
    cell_template_name = "wagtail_salesforce/reports/contact_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        contact = instance.contact or instance.merged_into
        url = contact_url(contact, context["request"].user)
        return context | {"url": url, "contact": contact}


class ReasonColumn(Column):
    cell_template_name = "wagtail_salesforce/reports/reason_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return context | {"link": link_view(instance)}


class ActionsColumn(Column):
    """Correct the contact, Retry or Include again; the forms work without a script."""

    cell_template_name = "wagtail_salesforce/reports/actions_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        request = context["request"]
        return context | {
            "link": link_view(instance),
            "correct_url": correct_url(instance, request.user),
            # A lead without a contact of its own can only be dealt with in Salesforce.
            "lead_url": "" if instance.contact_id else _lead_url(instance, request),
            "permitted": may(request.user, REPLICATE_CONTACT),
            "csrf_token": get_token(request),
            "next": reverse_lazy("wagtail_salesforce:attention"),
        }


def _lead_url(link: LeadLink, request: Any) -> str:
    """The lead in Salesforce; the connection is read once for all rows of a page."""
    if not hasattr(request, "salesforce_connection"):
        request.salesforce_connection = Connection.load()
    connection = request.salesforce_connection
    return lead_url(link.lead_id, connection) if link.org_id == connection.org_id else ""


class AttentionReport(PermissionRequiredMixin, SafeExportMixin, ReportView):
    """Suspended and excluded contacts with the reason and the way back; CSV and XLSX."""

    permissions = (VIEW_LINKS,)
    model = LeadLink
    page_title = _("Contacts that need attention")
    header_icon = "warning"
    filterset_class = AttentionFilterSet
    index_url_name = "wagtail_salesforce:attention"
    index_results_url_name = "wagtail_salesforce:attention_results"
    results_template_name = "wagtail_salesforce/reports/attention_results.html"
    index_url = reverse_lazy("wagtail_salesforce:attention")
    index_results_url = reverse_lazy("wagtail_salesforce:attention_results")
    default_ordering = "-pk"
    columns = [
        ContactColumn("contact", label=_("Contact"), sort_key="contact__last_name"),
        ReasonColumn("state", label=_("What happened"), sort_key="state"),
        NumberColumn("attempts", label=_("Attempts"), sort_key="attempts"),
        DateColumn("suspended_at", label=_("Suspended"), sort_key="suspended_at"),
        ActionsColumn("actions", label=_("What to do")),
    ]
    list_export = [
        "contact_id",
        "contact",
        "contact_email",
        "state",
        "excluded_reason",
        "last_error_code",
        "last_error_message",
        "attempts",
        "suspended_at",
        "lead_id",
    ]
    export_headings = {
        "contact_id": _("Contact number"),
        "contact": _("Contact"),
        "contact_email": _("E-mail"),
        "last_error_code": _("Error code"),
        "last_error_message": _("Error"),
        "excluded_reason": _("Excluded because"),
        "suspended_at": _("Suspended"),
        "lead_id": _("Lead"),
    }

    def get_base_queryset(self) -> QuerySet[LeadLink]:
        links = LeadLink.objects.filter(state__in=ATTENTION).exclude(GONE)
        links = links.select_related("contact", "merged_into")
        return links.annotate(contact_email=F("contact__email"))

    def get_filename(self) -> str:
        return f"salesforce-attention-{timezone.localdate():%Y-%m-%d}"
