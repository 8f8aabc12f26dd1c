"""Contacts → Scores."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.admin.contacts_base import QuietViewSet
from wagtail_salesforce.admin.scores_access import NAMESPACE
from wagtail_salesforce.admin.scores_contacts import ScoreContactsView
from wagtail_salesforce.admin.scores_explanation import ExplanationView, TryScoreView
from wagtail_salesforce.admin.scores_form import ScoreForm
from wagtail_salesforce.admin.scores_page import ScorePageView
from wagtail_salesforce.admin.scores_recalculate_at import RecalculateAtView
from wagtail_salesforce.admin.scores_recalculation import CallOffView, RecalculateView
from wagtail_salesforce.admin.scores_rules import (
    RuleAddView,
    RuleDeleteView,
    RuleEditView,
    RuleSentence,
)
from wagtail_salesforce.admin.scores_views import (
    ScoreAddView,
    ScoreDeleteView,
    ScoreEditView,
    ScoreListView,
)
from wagtail_salesforce.scoring.models import Score


class ScoreViewSet(QuietViewSet):
    """Scores with their rules and the contacts' points."""

    model = Score
    form_class = ScoreForm
    url_prefix = "salesforce/scores"
    url_namespace = NAMESPACE
    menu_label = _("Scores")
    menu_name = "salesforce-scores"
    icon = "crosshairs"
    index_results_template_name = "wagtail_salesforce/scores/list_results.html"
    index_view_class = ScoreListView
    add_view_class = ScoreAddView
    edit_view_class = ScoreEditView
    delete_view_class = ScoreDeleteView
    inspect_view_class = ScorePageView

    def get_urlpatterns(self) -> list[Any]:
        contacts = "<int:pk>/contacts/"
        results = ScoreContactsView.as_view(results_only=True)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/recalculate/", RecalculateView.as_view(), name="recalculate"),
            path("<int:pk>/recalculate/at/", RecalculateAtView.as_view(), name="recalculate_at"),
            path("<int:pk>/recalculate/call-off/", CallOffView.as_view(), name="call_off"),
            self._try_path(),
            path(contacts, ScoreContactsView.as_view(), name="contacts"),
            path(f"{contacts}results/", results, name="contacts_results"),
            path(f"{contacts}<int:contact_pk>/", ExplanationView.as_view(), name="explanation"),
            *rule_patterns(),
        ]

    def _try_path(self) -> Any:
        view = self.construct_view(TryScoreView, **self.get_inspect_view_kwargs())
        return path("<int:pk>/try/", view, name="try")


def rule_patterns() -> list[Any]:
    """The addresses of a score's rules."""
    rules = "<int:score_pk>/rules/"
    return [
        path(f"{rules}new/<str:kind>/", RuleAddView.as_view(), name="rule_add"),
        path(f"{rules}<int:pk>/", RuleEditView.as_view(), name="rule_edit"),
        path(f"{rules}<int:pk>/delete/", RuleDeleteView.as_view(), name="rule_delete"),
        path(f"{rules}sentence/<str:kind>/", RuleSentence.as_view(), name="rule_sentence"),
    ]
