"""The forms of rules: for each kind only the fields that matter to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.contacts_timeline import activity_type_labels
from wagtail_salesforce.admin.form_connections_pages import form_pages, page_titles
from wagtail_salesforce.admin.scores_words import pages_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.validate import rule_problems


class RuleForm(WagtailAdminModelForm):
    """What all kinds share. `places` says which form field a problem's path belongs to."""

    places: dict[str, str] = {}

    class Meta(WagtailAdminModelForm.Meta):
        model = Rule
        fields = ["name", "points"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("Shown beside the points of a contact.")
        self.fields["points"].help_text = _("Negative points take away.")

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Rule.objects.filter(score=self.instance.score_id).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise ValidationError(_("Another rule of this score has this name. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            self.fill(self.instance, cleaned)
        if not self.errors:
            for problem in rule_problems(self.instance, attribute_types()):
                self.add_error(self.places.get(problem.path), problem.message)
        return cleaned

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        """Put what was entered into the rule, so that it can be checked as a whole."""
        rule.name, rule.points = cleaned["name"], cleaned["points"]


def attribute_types() -> dict[str, FieldType]:
    """The types of all attributes by name."""
    found = Attribute.objects.values_list("name", "type")
    return {name: FieldType(kind) for name, kind in found}


class ConditionRuleForm(RuleForm):
    """A rule with several tests: they come from a configuration document and stay as they are."""

    places = {"points": "points"}


NEVER, PERIOD, UNTIL = "never", "period", "until"
VALIDITIES = [
    (NEVER, gettext_lazy("For ever")),
    (PERIOD, gettext_lazy("For a period after the activity")),
    (UNTIL, gettext_lazy("Until a date")),
]


class ActivityRuleForm(RuleForm):
    """Points for what people do."""

    places = {
        "points": "points",
        "activity_type": "activity_type",
        "activity_tests.pages": "pages",
        "per": "per",
        "max_points": "max_points",
        "validity_amount": "validity_amount",
        "validity_unit": "validity_unit",
        "valid_until": "valid_until",
    }

    activity_type = forms.ChoiceField(label=gettext_lazy("What the contact does"))
    pages = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Only on these forms"),
        help_text=gettext_lazy("Tick none to count it wherever it happens."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity_type"].choices = self._type_choices()
        self.fields["pages"].choices = self._page_choices()
        self.fields["validity_amount"].label = _("How long")
        self.fields["max_points"].help_text = _(
            "However often it happens, this rule gives no more. Leave it empty for no limit."
        )
        self.initial.update(
            pages=pages_of(self.instance),
            per=self.instance.per,
            recurring="true" if self.instance.recurring else "false",
            validity=self._validity(),
        )

    def _type_choices(self) -> list[tuple[str, str]]:
        labels = activity_type_labels()
        if stored := self.instance.activity_type:
            labels.setdefault(stored, stored)
        return list(labels.items())

    def _page_choices(self) -> list[tuple[int, str]]:
        """The forms that the editor may edit, and whatever page the rule names already."""
        pages = form_pages(self.for_user) if self.for_user else []
        offered = {page.pk: page.get_admin_display_title() for page in pages}
        named = pages_of(self.instance)
        titles = page_titles(named)
        gone = _("A page that is gone")
        return list((offered | {page: titles.get(page, gone) for page in named}).items())

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
        rule.activity_tests = self._tests(rule, cleaned["pages"])
        self._fill_validity(rule, cleaned)

    def _tests(self, rule: Rule, pages: list[int]) -> dict[str, Any]:
        """The chosen pages; other tests come from a configuration document and stay."""
        others = {key: test for key, test in rule.activity_tests.items() if key != "pages"}
        return {**({"pages": pages} if pages else {}), **others}

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
