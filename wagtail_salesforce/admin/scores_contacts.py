"""The contacts of a score with their points."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import NumberInput
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.contacts_access import EXPORT
from wagtail_salesforce.admin.contacts_export import Streamed
from wagtail_salesforce.admin.contacts_query import search
from wagtail_salesforce.admin.exports import SafeExportMixin
from wagtail_salesforce.admin.scores_access import NAMESPACE, explanation_url, score_url
from wagtail_salesforce.admin.scores_explanation import SeeingBoth
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import holders


class HolderFilterSet(WagtailFilterSet):
    minimum = django_filters.NumberFilter(
        label=gettext_lazy("Points at least"), method="from_points", widget=NumberInput
    )
    maximum = django_filters.NumberFilter(
        label=gettext_lazy("Points at most"), method="to_points", widget=NumberInput
    )

    class Meta:
        model = ScorePoints
        fields = ["minimum", "maximum"]

    def from_points(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(points__gte=ceil(value))

    def to_points(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(points__lte=floor(value))


class HolderPaginator(WagtailPaginator):
    """Counts contacts, as rows of points are no word of an editor's."""

    verbose_name = gettext_lazy("contact with points")
    verbose_name_plural = gettext_lazy("contacts with points")


class ScoreContactsView(SeeingBoth, SafeExportMixin, IndexView):
    """Who has points in a score, most points first, with filter, search and export."""

    model = ScorePoints
    permission_policy = ModelPermissionPolicy(Score)
    any_permission_required = ["add", "change", "delete", "view"]
    results_template_name = "wagtail_salesforce/scores/contacts_results.html"
    template_name = "wagtailadmin/generic/listing.html"
    filterset_class = HolderFilterSet
    header_icon = "crosshairs"
    page_title = gettext_lazy("Contacts with points")
    verbose_name_plural = gettext_lazy("contacts with points")
    paginate_by = 25
    paginator_class = HolderPaginator
    default_ordering = "-points"
    # Says that there is a search box; what it looks for is in `contacts_query.search`.
    search_fields = ["contact__email"]
    columns = [
        TitleColumn(
            "contact",
            label=gettext_lazy("Contact"),
            get_url=lambda row: explanation_url(row.score_id, row.contact_id),
        ),
        Column("contact.email", label=gettext_lazy("E-mail"), classname="wsc-breakable"),
        Column("contact.company_name", label=gettext_lazy("Company")),
        NumberColumn("points", label=gettext_lazy("Points"), sort_key="points"),
        DateColumn("contact.last_activity_at", label=gettext_lazy("Last activity")),
    ]
    list_export = ["contact_id", "contact", "contact.email", "contact.company_name", "points"]
    export_headings = {
        "contact_id": gettext_lazy("Number"),
        "contact": gettext_lazy("Contact"),
        "contact.email": gettext_lazy("E-mail"),
        "contact.company_name": gettext_lazy("Company"),
        "points": gettext_lazy("Points"),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.is_export and not self.show_export_buttons:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.is_export:
            return self.as_spreadsheet(Streamed(self.get_queryset()), request.GET["export"])
        return super().get(request, *args, **kwargs)

    @cached_property
    def show_export_buttons(self) -> bool:
        return self.request.user.has_perm(EXPORT)

    @cached_property
    def score(self) -> Score:
        return get_object_or_404(Score, pk=self.kwargs["pk"])

    def get_base_queryset(self) -> QuerySet[ScorePoints]:
        return holders(self.score).exclude(points=0)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(self.ordering, "contact_id")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        found = search(Contact.objects.all(), self.search_query.replace("\0", "").strip())
        return queryset.filter(contact__in=found)

    def get_filename(self) -> str:
        return _("contacts with points")

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
