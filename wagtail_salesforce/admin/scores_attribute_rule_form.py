"""The form of an attribute rule: points for who people are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.contacts.countries import country_code
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.tests import BOOLEAN_TESTS, DATE_TESTS, NUMBER_TESTS, TEXT_TESTS


#: Types that share their tests. A test is chosen as "family:test", because "greater" means more
#: for numbers and later for dates.
FAMILIES = {
    "text": (gettext_lazy("Text"), TEXT_TESTS, (FieldType.TEXT, FieldType.LONG_TEXT)),
    "number": (
        gettext_lazy("Numbers"),
        NUMBER_TESTS,
        (FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT),
    ),
    "date": (gettext_lazy("Dates"), DATE_TESTS, (FieldType.DATE, FieldType.DATETIME)),
    "boolean": (gettext_lazy("Yes or no"), BOOLEAN_TESTS, (FieldType.BOOLEAN,)),
}


def family_of(kind: FieldType) -> str:
    """The family of a type."""
    return next(name for name, (_label, _tests, kinds) in FAMILIES.items() if kind in kinds)


class DataSelect(forms.Select):
    """A select whose options carry data attributes for the page's script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.data: dict[str, dict[str, str]] = {}
        super().__init__(*args, **kwargs)

    def create_option(self, name: Any, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"].update(self.data.get(str(value), {}))
        return option


class AttributeRuleForm(RuleForm):
    """Points for a contact field or attribute that passes a test."""

    places = {
        "points": "points",
        "source": "subject",
        "field": "subject",
        "test": "test",
        "value": "value",
    }

    subject = forms.ChoiceField(label=gettext_lazy("Field or attribute"), widget=DataSelect)
    test = forms.ChoiceField(label=gettext_lazy("Test"), widget=DataSelect)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One value on each line. Dates are written as 2026-02-28, numbers with a point: 12.5."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = subject_kinds()
        self._offer_subjects()
        self._offer_tests()
        rule = self.instance
        subject = f"{rule.source or Rule.Source.FIELD}:{rule.field}"
        kind = self.kinds.get(subject, FieldType.TEXT)
        self.initial.update(
            subject=subject, test=f"{family_of(kind)}:{rule.test}", value=rule.value
        )

    def _offer_subjects(self) -> None:
        fields = [(f"field:{name}", field.label) for name, field in FIELDS.items()]
        attributes = [(f"attribute:{item.name}", item.label) for item in Attribute.objects.all()]
        choices: list[Any] = [("", _("Choose…")), (_("Contact fields"), fields)]
        choices += [(_("Attributes"), attributes)] if attributes else []
        self.fields["subject"].choices = choices
        self.fields["subject"].widget.data = {
            subject: {"data-family": family_of(kind)} for subject, kind in self.kinds.items()
        }

    def _offer_tests(self) -> None:
        choices: list[Any] = []
        data: dict[str, dict[str, str]] = {}
        for family, (label, tests, _kinds) in FAMILIES.items():
            choices.append((label, [(f"{family}:{name}", t.label) for name, t in tests.items()]))
            data |= {f"{family}:{name}": _data(family, test) for name, test in tests.items()}
        self.fields["test"].choices = choices
        self.fields["test"].widget.data = data

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        super().fill(rule, cleaned)
        rule.source, _colon, rule.field = cleaned["subject"].partition(":")
        family, _colon, rule.test = cleaned["test"].partition(":")
        if family != family_of(self.kinds[cleaned["subject"]]):
            self.add_error("test", _("Choose a test that fits the field."))
        rule.value = self._value(rule, cleaned["value"])

    def _value(self, rule: Rule, value: str) -> str:
        """Countries are stored by their codes; whoever writes a rule may write their names."""
        if TESTS_WITHOUT_VALUE.get(rule.test):
            return ""
        if (rule.source, rule.field) != (Rule.Source.FIELD, "country"):
            return value
        if rule.test not in WHOLE_TEXT:
            return value
        return "\n".join(country_code(line) or line for line in value.splitlines())


def _data(family: str, test: Any) -> dict[str, str]:
    return {"data-family": family, "data-takes": test.takes.value}


WHOLE_TEXT = ("equals", "not_equals", "in_list")
TESTS_WITHOUT_VALUE = {
    name: test.takes.value == "none"
    for _label, tests, _kinds in FAMILIES.values()
    for name, test in tests.items()
}


def subject_kinds() -> dict[str, FieldType]:
    """The type of everything a rule can test, by "field:name" or "attribute:name"."""
    kinds = {f"field:{name}": field.type for name, field in FIELDS.items()}
    for name, kind in Attribute.objects.values_list("name", "type"):
        kinds[f"attribute:{name}"] = FieldType(kind)
    return kinds
