"""The form of an attribute rule: points for who people are."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.admin.scores_subjects import family_of, shown
from wagtail_salesforce.admin.scores_test_fields import (
    VALUE_HELP,
    offer_subjects,
    offer_tests,
    read_test,
    subject_field,
    test_field,
    value_field,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.models import Rule


class AttributeRuleForm(RuleForm):
    """Points for a contact field or attribute that passes a test."""

    places = {
        "points": "points",
        "source": "subject",
        "field": "subject",
        "test": "test",
        "value": "value",
    }

    subject = subject_field()
    test = test_field()
    value = value_field(help_text=VALUE_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_subjects(self.fields["subject"], self.subjects)
        offer_tests(self.fields["test"])
        self.initial = self._stored() | self.initial

    def _stored(self) -> dict[str, Any]:
        rule = self.instance
        subject = f"{rule.source or Rule.Source.FIELD}:{rule.field}"
        kind = self.subjects.kinds.get(subject, FieldType.TEXT)
        test = f"{family_of(kind)}:{rule.test}"
        return {"subject": subject, "test": test, "value": shown(kind, rule.value)}

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        super().fill(rule, cleaned)
        subject = cleaned["subject"]
        rule.source, _colon, rule.field = subject.partition(":")
        kind = self.subjects.kinds[subject]
        entered = read_test(subject, kind, cleaned["test"], cleaned["value"])
        rule.test, rule.value = entered.test, "\n".join(entered.values)
        if entered.wrong:
            self.add_error(entered.wrong, entered.message)
