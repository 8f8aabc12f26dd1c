"""Planning the recalculation of a score for a moment to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateTimeInput

from wagtail_salesforce.admin.scores_access import NAMESPACE, score_url
from wagtail_salesforce.admin.scores_recalculation import (
    RecalculationMixin,
    recalculation_of,
    refuse_switched_off,
)
from wagtail_salesforce.scoring.recalculate import request_recalculation
from wagtail_salesforce.scoring.words import moment, one_stop


class RecalculateAtForm(forms.Form):
    """When to recalculate."""

    at = forms.DateTimeField(
        label=gettext_lazy("When"),
        widget=AdminDateTimeInput,
        help_text=gettext_lazy(
            "A moment in the future, on the clock of your account, such as tonight. The old "
            "points count until the new ones are complete."
        ),
        error_messages={
            "invalid": gettext_lazy("Enter a date and a time that exist, such as 2030-02-28 22:00.")
        },
    )

    def clean_at(self) -> datetime:
        at = self.cleaned_data["at"]
        if at <= timezone.now():
            raise ValidationError(
                _("This moment has passed. Choose one in the future, or recalculate now.")
            )
        return at


class RecalculateAtView(RecalculationMixin, WagtailAdminTemplateMixin, FormView):
    """Plans the recalculation; one that was planned before is replaced."""

    form_class = RecalculateAtForm
    template_name = "wagtail_salesforce/scores/recalculate_at.html"
    page_title = gettext_lazy("Recalculate at…")
    header_icon = "crosshairs"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.score.enabled:
            return refuse_switched_off(request, self.score)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.score.enabled:
            return refuse_switched_off(request, self.score)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: RecalculateAtForm) -> HttpResponse:
        at = form.cleaned_data["at"]
        request_recalculation(self.score, at=at, user=self.request.user)
        words = {"moment": moment(at)}
        text = _("The points will be recalculated on %(moment)s.") % words
        messages.success(self.request, one_stop(text))
        return redirect(score_url(self.score))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *IndexView.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Scores")},
            {"url": score_url(self.score), "label": str(self.score)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "score": self.score,
            "score_url": score_url(self.score),
            "recalculation": recalculation_of(self.score),
            "media": context["form"].media,
        }
