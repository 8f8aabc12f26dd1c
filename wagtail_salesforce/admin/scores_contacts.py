"""The contacts of a score with their points."""

from __future__ import annotations

from math import ceil
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.forms import NumberInput
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.contacts_access import SEEING, contact_url
from wagtail_salesforce.admin.scores_access import NAMESPACE, score_url
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import holders


class HolderFilterSet(WagtailFilterSet):
    minimum = django_filters.NumberFilter(
        label=gettext_lazy("Points at least"), method="from_points", widget=NumberInput
    )

    class Meta:
        model = ScorePoints
        fields = ["minimum"]

    def from_points(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(points__gte=ceil(value))


class ScoreContactsView(PermissionCheckedMixin, BaseListingView):
    """Who has points in a score, most points first; for those who may see contacts."""

    model = ScorePoints
    permission_policy = ModelPermissionPolicy(Contact)
    any_permission_required = SEEING
    results_template_name = "wagtail_salesforce/scores/contacts_results.html"
    template_name = "wagtailadmin/generic/listing.html"
    filterset_class = HolderFilterSet
    header_icon = "crosshairs"
    page_title = gettext_lazy("Contacts with points")
    verbose_name_plural = gettext_lazy("contacts with points")
    paginate_by = 25
    default_ordering = "-points"
    columns = [
        TitleColumn(
            "contact",
            label=gettext_lazy("Contact"),
            get_url=lambda row: contact_url(row.contact_id),
        ),
        Column("contact.email", label=gettext_lazy("E-mail"), classname="wsc-breakable"),
        Column("contact.company_name", label=gettext_lazy("Company")),
        NumberColumn("points", label=gettext_lazy("Points"), sort_key="points"),
        DateColumn("contact.last_activity_at", label=gettext_lazy("Last activity")),
    ]

    @cached_property
    def score(self) -> Score:
        return get_object_or_404(Score, pk=self.kwargs["pk"])

    def get_base_queryset(self) -> QuerySet[ScorePoints]:
        return holders(self.score)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(self.ordering, "contact_id")

    def get_index_url(self) -> str:
        return reverse(f"{NAMESPACE}:contacts", args=[self.score.pk])

    def get_index_results_url(self) -> str:
        return reverse(f"{NAMESPACE}:contacts_results", args=[self.score.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Scores")},
            {"url": score_url(self.score), "label": str(self.score)},
            {"url": "", "label": self.page_title},
        ]
