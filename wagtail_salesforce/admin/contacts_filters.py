"""The filters of the contact list."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import django_filters
from django.core.validators import MaxLengthValidator
from django.db.models import CharField, QuerySet, TextField, Value
from django.forms import CheckboxSelectMultiple, NumberInput, RadioSelect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from wagtail_salesforce.admin.contacts_attribute_filters import attribute_filters
from wagtail_salesforce.admin.contacts_query import (
    in_use,
    with_company,
    with_consent,
    with_points_between,
)
from wagtail_salesforce.contacts.models import Attribute, Contact, ContactStatus
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score


#: No contact has an erased link: such a link is the tombstone of a contact that is gone.
STATES = [
    (LeadLink.State.NEW.value, _("Not in Salesforce yet")),
    (LeadLink.State.REPLICATED.value, _("In Salesforce")),
    (LeadLink.State.SUSPENDED.value, _("Suspended")),
    (LeadLink.State.EXCLUDED.value, _("Excluded")),
]
CONSENT = [("given", _("Given")), ("missing", _("Not given"))]

#: Further than any points reach, and still a number that every database takes.
FAR = 2**31 - 1


class ContactFilterSet(WagtailFilterSet):
    """Status, company, points, lead, consent, when the contact came and was last active, and the
    attributes."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), widget=CheckboxSelectMultiple, distinct=False
    )
    company = django_filters.CharFilter(
        label=_("Company begins with"),
        method="filter_company",
        validators=[MaxLengthValidator(160)],
    )
    lead_state = django_filters.MultipleChoiceFilter(
        field_name="lead_link__state",
        choices=STATES,
        label=_("Lead"),
        widget=CheckboxSelectMultiple,
        distinct=False,
    )
    score = django_filters.ChoiceFilter(
        label=_("Score"), empty_label=_("The score in use"), method="leave"
    )
    points = django_filters.NumberFilter(
        label=_("Points at least"), method="filter_points", widget=NumberInput
    )
    points_most = django_filters.NumberFilter(
        label=_("Points at most"), method="filter_points_most", widget=NumberInput
    )
    consent = django_filters.ChoiceFilter(
        choices=CONSENT,
        label=_("Consent"),
        empty_label=_("Any"),
        method="filter_consent",
        widget=RadioSelect,
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Created"), widget=DateRangePickerWidget
    )
    last_activity_at = django_filters.DateFromToRangeFilter(
        label=_("Last activity"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Contact
        fields = [
            "status",
            "company",
            "lead_state",
            "score",
            "points",
            "points_most",
            "consent",
            "created_at",
            "last_activity_at",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Without what there is nothing to choose of: statuses, and the consent."""
        super().__init__(*args, **kwargs)
        self.in_use = in_use()
        self.scores = {score.pk: score for score in Score.objects.order_by("name")}
        statuses, attributes = statuses_and_attributes()
        self.filters["score"].extra["choices"] = list(self.scores.items())
        self.filters["status"].extra["choices"] = [(name, name) for name in statuses]
        if not statuses:
            del self.filters["status"]
        if not self.in_use.consent_attribute:
            del self.filters["consent"]
        for name, made in attribute_filters(attributes).items():
            made.parent, made.model = self, Contact
            self.filters[name] = made

    @cached_property
    def chosen_score(self) -> Score | None:
        """The score of the points column and of the points' range: the one that is chosen, or
        that replication uses, or else the first that is switched on."""
        given = self.form.cleaned_data.get("score") if self.is_valid() else None
        wanted = self.scores.get(int(given) if given else self.in_use.score_id or 0)
        return wanted or next((item for item in self.scores.values() if item.enabled), None)

    def leave(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Choosing a score alone hides nobody: it only says whose points are meant."""
        return queryset

    def filter_company(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        text = value.strip()
        return with_company(queryset, text) if text else queryset

    def filter_points(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """Both ends of the range at once, in one look at the index."""
        most = self.form.cleaned_data.get("points_most")
        least = _within_reach(ceil(value))
        upper = None if most is None else _within_reach(floor(most))
        return with_points_between(queryset, self.chosen_score, least, upper)

    def filter_points_most(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        if self.form.cleaned_data.get("points") is not None:
            return queryset
        upper = _within_reach(floor(value))
        return with_points_between(queryset, self.chosen_score, None, upper)

    def filter_consent(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return with_consent(queryset, self.in_use.consent_attribute, value == "given")


def statuses_and_attributes() -> tuple[list[str], list[Attribute]]:
    """The names of the statuses and the attributes, sorted, in one statement."""
    nothing = [Value("", output_field=field) for field in (CharField(), CharField(), TextField())]
    statuses = ContactStatus.objects.order_by().values_list("name", *nothing)
    attributes = Attribute.objects.order_by().values_list("name", "label", "type", "choices")
    rows = list(statuses.union(attributes, all=True))
    columns = ("name", "label", "type", "choices")
    found = [Attribute(**dict(zip(columns, row, strict=True))) for row in rows if row[2]]
    names = [name for name, _label, kind, _choices in rows if not kind]
    return sorted(names, key=str.casefold), sorted(found, key=lambda item: item.label.casefold())


def _within_reach(points: int) -> int:
    return max(-FAR, min(FAR, points))
