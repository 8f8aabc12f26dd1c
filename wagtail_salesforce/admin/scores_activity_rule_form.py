"""The form of an activity rule: points for what people do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from wagtail_salesforce.admin.contacts_timeline import activity_type_labels
from wagtail_salesforce.admin.scores_activity_pages import ActivityPages
from wagtail_salesforce.admin.scores_activity_tests import ActivityTestFields
from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.scoring.models import Rule


NEVER, PERIOD, UNTIL = "never", "period", "until"
VALIDITIES = [
    (NEVER, gettext_lazy("For ever")),
    (PERIOD, gettext_lazy("For a period after the activity")),
    (UNTIL, gettext_lazy("Until a date")),
]


class ActivityRuleForm(ActivityTestFields, ActivityPages, RuleForm):  # type: ignore[misc]
    """Points for what people do, with tests of the activity, a maximum and a validity."""

    places = {
        "points": "points",
        "activity_type": "activity_type",
        "activity_tests.pages": "other_pages",
        "per": "per",
        "max_points": "max_points",
        "validity_amount": "validity_amount",
        "validity_unit": "validity_unit",
        "valid_until": "valid_until",
        **ActivityTestFields.test_places,
    }

    activity_type = forms.ChoiceField(label=gettext_lazy("What the contact does"))
    per = forms.ChoiceField(
        label=gettext_lazy("Points are given"),
        choices=Rule.Per.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "The value of an activity comes from the form, such as a quantity: one quote for "
            "3,000 licences has the value 3,000."
        ),
    )
    recurring = forms.TypedChoiceField(
        label=gettext_lazy("How often"),
        choices=[("true", gettext_lazy("Every time")), ("false", gettext_lazy("Only once"))],
        coerce=lambda value: value == "true",
        widget=forms.RadioSelect,
    )
    validity = forms.ChoiceField(
        label=gettext_lazy("The points count"), choices=VALIDITIES, widget=forms.RadioSelect
    )

    class Meta(RuleForm.Meta):
        fields = [
            "name",
            "points",
            "activity_type",
            "max_points",
            "validity_amount",
            "validity_unit",
            "valid_until",
        ]
        widgets = {"valid_until": AdminDateTimeInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity_type"].choices = self._type_choices()  # type: ignore[attr-defined]
        self.fields["validity_amount"].label = _("How long")
        self.fields["max_points"].help_text = _(
            "However often it happens, this rule gives no more. Negative points have a negative "
            "limit. Leave it empty for no limit."
        )
        self.initial = {**self.stored(), **self.initial}

    def stored(self) -> dict[str, Any]:
        rule = self.instance
        return super().stored() | {
            "per": rule.per,
            "recurring": "true" if rule.recurring else "false",
            "validity": self._validity(),
        }

    def _type_choices(self) -> list[tuple[str, str]]:
        labels = activity_type_labels()
        if stored := self.instance.activity_type:
            labels.setdefault(stored, stored)
        return list(labels.items())

    def _validity(self) -> str:
        if self.instance.valid_until:
            return UNTIL
        return PERIOD if self.instance.validity_amount else NEVER

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        super().fill(rule, cleaned)
        rule.activity_type, rule.per = cleaned["activity_type"], cleaned["per"]
        rule.recurring = cleaned["recurring"]
        limited = rule.recurring or rule.per == Rule.Per.VALUE
        rule.max_points = cleaned["max_points"] = cleaned["max_points"] if limited else None
        pages = self.chosen_pages(cleaned)
        rule.activity_tests = {**({"pages": pages} if pages else {}), **self.tests(cleaned)}
        self._fill_validity(rule, cleaned)

    def _fill_validity(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        """Only what belongs to the chosen kind of validity counts; the rest is emptied."""
        period, until = cleaned["validity"] == PERIOD, cleaned["validity"] == UNTIL
        if period and cleaned["validity_amount"] is None:
            self.add_error("validity_amount", _("Enter how long the points count."))
        if until and cleaned["valid_until"] is None:
            self.add_error("valid_until", _("Enter the date."))
        cleaned["validity_amount"] = cleaned.get("validity_amount") if period else None
        cleaned["validity_unit"] = cleaned["validity_unit"] if period else ""
        cleaned["valid_until"] = cleaned.get("valid_until") if until else None
        for name in ("validity_amount", "validity_unit", "valid_until"):
            setattr(rule, name, cleaned[name])
