"""A score's page: its rules in words, who has points, and where its recalculation stands."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.scores_access import (
    NAMESPACE,
    copy_url,
    explanation_url,
    rule_url,
    score_url,
)
from wagtail_salesforce.admin.scores_recalculation import ready_text, recalculation_of
from wagtail_salesforce.admin.scores_try import try_form
from wagtail_salesforce.admin.scores_words import known_to, purposes, sentence
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.notify import addresses
from wagtail_salesforce.scoring.queries import holders
from wagtail_salesforce.scoring.validate import rule_problems


TOP = 10


class ScorePageView(generic.InspectView):
    """A score with its rules and the contacts that lead it."""

    template_name = "wagtail_salesforce/scores/score.html"
    page_title = gettext_lazy("Score")

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = self.get_edit_url()
        return [HeaderButton(_("Edit"), url=url, icon_name="edit")] if url else []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        url = self.get_delete_url()
        return [Button(_("Delete"), url=url, icon_name="bin", priority=20)] if url else []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Without the link to the edit form that Wagtail puts on the name."""
        items = super().get_breadcrumbs_items()
        return [*items[:2], {"url": "", "label": str(self.object)}]

    def get_fields_context(self) -> list[Any]:
        """The page shows its own sections instead of Wagtail's list of columns."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        score = self.object
        rules = rule_rows(score)
        kwargs.setdefault("try_form", try_form(self.request.user))
        return super().get_context_data(
            rules=rules,
            broken_count=sum(1 for row in rules if row["problems"]),
            purposes=purposes(),
            may_change=self.user_has_permission("change"),
            recalculation=recalculation_of(score),
            ready_text=ready_text(score),
            score_url=score_url(score),
            notified=addresses(score.notify_addresses),
            holders_count=with_points(score).count(),
            top=top(score) if may_see_contacts(self.request.user) else None,
            contacts_url=reverse(f"{NAMESPACE}:contacts", args=[score.pk]),
            replication=replication_use(score),
            **kwargs,
        )


def rule_rows(score: Score) -> list[dict[str, Any]]:
    """The rules of a score with their sentences, or what is wrong with them."""
    rules = list(score.rules.order_by("pk"))
    known = known_to(rules)
    return [
        {
            "rule": rule,
            "sentence": sentence(rule, known),
            "problems": rule_problems(rule, known.types),
            "edit_url": rule_url(rule),
            "copy_url": copy_url(rule),
            "delete_url": rule_url(rule, "rule_delete"),
        }
        for rule in rules
    ]


def with_points(score: Score) -> Any:
    """The rows of contacts whose points are not 0."""
    return ScorePoints.objects.in_force(score).exclude(points=0)


def top(score: Score) -> list[dict[str, Any]]:
    """The contacts with the most points."""
    rows = [row for row in holders(score)[:TOP] if row.points]
    return [{"row": row, "url": explanation_url(score.pk, row.contact_id)} for row in rows]


def replication_use(score: Score) -> ReplicationSettings | None:
    """The replication settings, when this score chooses the contacts."""
    return ReplicationSettings.objects.filter(pk=1, score=score).first()
