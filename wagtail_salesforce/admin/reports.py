"""Reports → Salesforce replication → Runs."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.reports import ReportView

from wagtail_salesforce.admin.exports import SafeExportMixin
from wagtail_salesforce.admin.panel_run_words import IDLE, is_idle, run_view
from wagtail_salesforce.admin.permissions import VIEW_RUNS, PermissionRequiredMixin
from wagtail_salesforce.replication.models import Run


#: Of the schedule's runs only: who has pressed a button wants to see what became of it.
IDLE_BY_SCHEDULE = IDLE & Q(trigger=Run.Trigger.SCHEDULE)


class TickFilter(django_filters.Filter):
    """A box to tick; not ticked means no, rather than not known."""

    field_class = forms.BooleanField


class RunFilterSet(WagtailFilterSet):
    """The runs of the schedule that found nothing are left out unless they are asked for."""

    idle = TickFilter(
        label=_("Show also scheduled runs for which nothing was due"), method="filter_nothing"
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=Run.State.choices)
    trigger = django_filters.ChoiceFilter(label=_("Started by"), choices=Run.Trigger.choices)
    started_at = django_filters.DateFromToRangeFilter(
        label=_("Started"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Run
        fields = ["state", "trigger", "started_at"]

    def filter_queryset(self, queryset: QuerySet[Run]) -> QuerySet[Run]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("idle") else found.exclude(IDLE_BY_SCHEDULE)

    def filter_nothing(self, queryset: QuerySet[Run], name: str, value: Any) -> QuerySet[Run]:
        """`filter_queryset` has the last word on idle runs."""
        return queryset


class RunStateColumn(Column):
    """The state of a run as a tag, with what it came to in plain words below it."""

    cell_template_name = "wagtail_salesforce/reports/run_state_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        view = run_view(instance)
        told = view.sentence if view.tone != "good" or is_idle(instance) else ""
        return context | {"run": instance, "view": view, "told": told}


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
        NumberColumn("postponed", label=_("Postponed")),
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
        "postponed",
        "api_calls",
    ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"only_idle": Run.objects.exists}

    def get_filename(self) -> str:
        return f"salesforce-runs-{timezone.localdate():%Y-%m-%d}"
