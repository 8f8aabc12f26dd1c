"""How the points of one contact in one score came about, for any contact of the site."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_salesforce.admin.contacts_access import contact_url, may_see_contacts
from wagtail_salesforce.admin.scores_access import (
    NAMESPACE,
    explanation_url,
    may_see_scores,
    score_url,
)
from wagtail_salesforce.admin.scores_page import ScorePageView
from wagtail_salesforce.admin.scores_try import TryForm
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.reasons import explain


class SeeingBoth:
    """For those who may see both scores and contacts, whatever the method."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (may_see_scores(request.user) and may_see_contacts(request.user)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ExplanationView(SeeingBoth, WagtailAdminTemplateMixin, TemplateView):
    """The points held, and the reasons by the rules in force."""

    template_name = "wagtail_salesforce/scores/explanation.html"
    page_title = gettext_lazy("How these points came about")
    header_icon = "crosshairs"

    @cached_property
    def held(self) -> ScorePoints | None:
        """The points held with their score and contact, in one statement; None without any."""
        rows = ScorePoints.objects.in_force().select_related("score", "contact")
        chosen = {"score": self.kwargs["pk"], "contact": self.kwargs["contact_pk"]}
        return rows.filter(**chosen).first()

    @cached_property
    def score(self) -> Score:
        return self.held.score if self.held else get_object_or_404(Score, pk=self.kwargs["pk"])

    @cached_property
    def contact(self) -> Contact:
        if self.held:
            return self.held.contact
        return get_object_or_404(Contact, pk=self.kwargs["contact_pk"])

    def get_page_subtitle(self) -> str:
        return str(self.contact)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        contacts = reverse(f"{NAMESPACE}:contacts", args=[self.score.pk])
        return [
            *IndexView.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Scores")},
            {"url": score_url(self.score), "label": str(self.score)},
            {"url": contacts, "label": _("Contacts with points")},
            {"url": "", "label": str(self.contact)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reasons = explain(self.contact, self.score)
        points = self.held.points if self.held else 0
        total = sum(reason.points for reason in reasons)
        return super().get_context_data(
            score=self.score,
            contact=self.contact,
            points=points,
            total=total,
            differs=points != total,
            reasons=reasons,
            contact_url=contact_url(self.contact.pk),
            score_url=score_url(self.score),
            **kwargs,
        )


class TryScoreView(SeeingBoth, ScorePageView):
    """Finds the contact to explain a score with. POST, so that no address of a person gets into
    the log of a web server."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        named = TryForm(request.POST)
        if named.is_valid():
            return redirect(explanation_url(self.object.pk, named.cleaned_data["contact"].pk))
        return self.render_to_response(self.get_context_data(try_form=named))
