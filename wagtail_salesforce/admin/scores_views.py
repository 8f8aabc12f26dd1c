"""The list of scores, and the forms to add, change and delete one."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, NumberColumn, StatusTagColumn
from wagtail.admin.views import generic

from wagtail_salesforce.admin.contacts_base import DeleteUnusedView
from wagtail_salesforce.admin.contacts_columns import InspectColumn
from wagtail_salesforce.admin.scores_access import score_url
from wagtail_salesforce.admin.scores_form import ScoreForm
from wagtail_salesforce.admin.scores_page import replication_use
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import request_recalculation


def holders_count() -> Any:
    """How many contacts have points other than 0, counted for the shown rows only."""
    counted = (
        ScorePoints.objects.in_force()
        .filter(score=OuterRef("pk"))
        .exclude(points=0)
        .order_by()
        .values("score")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


class ScoreListView(generic.IndexView):
    """Scores by name."""

    search_fields = ["name", "description"]
    default_ordering = "name"

    @cached_property
    def columns(self) -> list[Any]:
        return [
            InspectColumn(self, label=_("Name"), sort_key="name"),
            StatusTagColumn(
                "on",
                label=_("Enabled"),
                accessor=lambda score: _("On") if score.enabled else _("Off"),
                primary=lambda score: score.enabled,
            ),
            Column("status", label=_("Status"), accessor="get_status_display"),
            NumberColumn("rules_count", label=_("Rules")),
            NumberColumn("holders_count", label=_("Contacts with points")),
        ]

    def get_base_queryset(self) -> QuerySet[Score]:
        scores = super().get_base_queryset()
        return scores.annotate(rules_count=Count("rules"), holders_count=holders_count())


class ToScorePage:
    """After adding or changing a score its page is shown, where its rules are kept."""

    form_class = ScoreForm

    def get_success_url(self) -> str:
        return score_url(self.object)  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        return []


class ScoreAddView(ToScorePage, generic.CreateView):
    """A new score; then its page, to add rules."""

    submit_button_label = gettext_lazy("Create and add rules")


class ScoreEditView(ToScorePage, generic.EditView):
    """A score's own fields."""

    def save_instance(self) -> Score:
        switched_on = "enabled" in self.form.changed_data and self.form.cleaned_data["enabled"]
        score = super().save_instance()
        if switched_on:
            request_recalculation(score, user=self.request.user)
            messages.info(self.request, _("The points are recalculated in the background."))
        return score


class ScoreDeleteView(DeleteUnusedView):
    """Deletes a score with its rules and points, unless replication needs it."""

    @cached_property
    def uses(self) -> list[str]:
        return [_("the replication settings")] if replication_use(self.object) else []

    @property
    def confirmation_message(self) -> str:
        return _("Delete this score with its rules and everybody's points in it?")
