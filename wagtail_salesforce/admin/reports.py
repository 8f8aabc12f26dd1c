"""Reports → Salesforce replication → Runs."""

from __future__ import annotations

import django_filters
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.reports import ReportView

from wagtail_salesforce.admin.exports import SafeExportMixin
from wagtail_salesforce.admin.permissions import VIEW_RUNS, PermissionRequiredMixin
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import Run


class RunFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=Run.State.choices)
    trigger = django_filters.ChoiceFilter(label=_("Started by"), choices=Run.Trigger.choices)
    started_at = django_filters.DateFromToRangeFilter(
        label=_("Started"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Run
        fields = ["state", "trigger", "started_at"]


class RunStateColumn(Column):
    """The state of a run as a tag, with the reason in plain words below it."""

    cell_template_name = "wagtail_salesforce/reports/run_state_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return context | {"run": instance, "reason": REASONS.get(instance.reason)}


class RunReport(PermissionRequiredMixin, SafeExportMixin, ReportView):
    """Every run with its outcome, newest first; CSV and XLSX."""

    permissions = (VIEW_RUNS,)
    model = Run
    page_title = _("Salesforce replication runs")
    header_icon = "history"
    filterset_class = RunFilterSet
    index_url_name = "wagtail_salesforce:runs"
    index_results_url_name = "wagtail_salesforce:runs_results"
    results_template_name = "wagtail_salesforce/reports/runs_results.html"
    index_url = reverse_lazy("wagtail_salesforce:runs")
    index_results_url = reverse_lazy("wagtail_salesforce:runs_results")
    default_ordering = "-started_at"
    columns = [
        DateColumn("started_at", label=_("Started"), sort_key="started_at"),
        RunStateColumn("state", label=_("Outcome"), sort_key="state"),
        Column("get_trigger_display", label=_("Started by"), sort_key="trigger"),
        NumberColumn("created", label=_("Created")),
        NumberColumn("updated", label=_("Updated")),
        NumberColumn("unchanged", label=_("Unchanged")),
        NumberColumn("suspended", label=_("Suspended")),
        NumberColumn("excluded", label=_("Excluded")),
        NumberColumn("api_calls", label=_("API calls")),
        DateColumn("finished_at", label=_("Finished"), sort_key="finished_at"),
    ]
    list_export = [
        "started_at",
        "finished_at",
        "state",
        "reason",
        "trigger",
        "created",
        "updated",
        "unchanged",
        "suspended",
        "excluded",
        "api_calls",
    ]

    def get_filename(self) -> str:
        return f"salesforce-runs-{timezone.localdate():%Y-%m-%d}"
