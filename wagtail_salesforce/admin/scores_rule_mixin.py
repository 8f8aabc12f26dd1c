"""What all views of a score's rules share."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.scores_access import NAMESPACE, score_url
from wagtail_salesforce.scoring.models import Rule, Score


class RuleMixin:
    """Rules belong to their score: whoever may change the score may change them."""

    model = Rule
    permission_policy = ModelPermissionPolicy(Score)
    permission_required = "change"
    template_name = "wagtail_salesforce/scores/rule.html"
    header_icon = "crosshairs"

    @cached_property
    def score(self) -> Score:
        return get_object_or_404(Score, pk=self.kwargs["score_pk"])  # type: ignore[attr-defined]

    def get_queryset(self) -> Any:
        return Rule.objects.filter(score=self.score)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *generic.IndexView.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Scores")},
            {"url": score_url(self.score), "label": str(self.score)},
            {"url": "", "label": self.page_title},  # type: ignore[attr-defined]
        ]

    def get_success_url(self) -> str:
        return score_url(self.score)

    def get_success_buttons(self) -> list[Any]:
        return []

    def ask_for_recalculation(self) -> None:
        """The page that follows has the buttons for it."""
        if self.score.enabled:
            messages.warning(
                self.request,  # type: ignore[attr-defined]
                _("The points have to be recalculated. Until then the old points count."),
            )
