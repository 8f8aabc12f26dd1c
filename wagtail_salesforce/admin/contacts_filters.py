"""The filters of the contact list."""

from __future__ import annotations

from math import ceil

import django_filters
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, NumberInput
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from wagtail_salesforce.admin.contacts_query import default_score, with_points_from
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score


#: No contact has an erased link: such a link is the tombstone of a contact that is gone.
STATES = [
    (LeadLink.State.NEW.value, _("Not in Salesforce yet")),
    (LeadLink.State.REPLICATED.value, _("In Salesforce")),
    (LeadLink.State.SUSPENDED.value, _("Suspended")),
    (LeadLink.State.EXCLUDED.value, _("Excluded")),
]


class ContactFilterSet(WagtailFilterSet):
    """Lead state, points in a score, and when the contact came and was last active."""

    lead_state = django_filters.MultipleChoiceFilter(
        field_name="lead_link__state",
        choices=STATES,
        label=_("Lead"),
        widget=CheckboxSelectMultiple,
        distinct=False,
    )
    score = django_filters.ModelChoiceFilter(
        queryset=Score.objects.all(),
        label=_("Score"),
        empty_label=_("The score in use"),
        method="leave",
    )
    points = django_filters.NumberFilter(
        label=_("Points at least"), method="filter_points", widget=NumberInput
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Created"), widget=DateRangePickerWidget
    )
    last_activity_at = django_filters.DateFromToRangeFilter(
        label=_("Last activity"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Contact
        fields = ["lead_state", "score", "points", "created_at", "last_activity_at"]

    @cached_property
    def chosen_score(self) -> Score | None:
        """The score of the points column and of the minimum."""
        given = self.form.cleaned_data.get("score") if self.is_valid() else None
        return given or default_score()

    def leave(self, queryset: QuerySet, name: str, value: Score) -> QuerySet:
        """Choosing a score alone hides nobody: it only says whose points are meant."""
        return queryset

    def filter_points(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        return with_points_from(queryset, self.chosen_score, ceil(value))
