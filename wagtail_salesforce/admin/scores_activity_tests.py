"""The part of an activity rule's form that tests the activity itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.scores_subjects import family_of, shown
from wagtail_salesforce.admin.scores_test_fields import (
    VALUE_HELP,
    offer_tests,
    read_test,
    test_field,
    value_field,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.checks import value_text
from wagtail_salesforce.scoring.compile import ACTIVITY_COLUMNS
from wagtail_salesforce.scoring.models import Rule


KINDS: dict[str, FieldType] = {key: kind for key, (_column, kind) in ACTIVITY_COLUMNS.items()}


def _test(label: Any) -> forms.ChoiceField:
    return test_field(label=label, required=False)


def _value(label: Any) -> forms.CharField:
    return value_field(label=label, help_text=VALUE_HELP)


class ActivityTestFields(forms.Form):
    """Optional tests of the value, the title, the campaign and the time of an activity."""

    test_places = {
        place: field
        for key in KINDS
        for place, field in {
            f"activity_tests.{key}": f"{key}_test",
            f"activity_tests.{key}.test": f"{key}_test",
            f"activity_tests.{key}.value": f"{key}_value",
        }.items()
    }

    value_test = _test(gettext_lazy("The value of the activity"))
    value_value = _value(gettext_lazy("Compared with the value"))
    title_test = _test(gettext_lazy("The title of the activity"))
    title_value = _value(gettext_lazy("Compared with the title"))
    campaign_test = _test(gettext_lazy("The campaign"))
    campaign_value = _value(gettext_lazy("Compared with the campaign"))
    time_test = _test(gettext_lazy("The time of the activity"))
    time_value = _value(gettext_lazy("Compared with the time"))

    # What the model form brings along.
    instance: Rule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, kind in KINDS.items():
            offer_tests(self.fields[f"{key}_test"], [kind])

    def stored(self) -> dict[str, Any]:
        """The initial values of these fields."""
        values = super().stored()  # type: ignore[misc]
        tests = self.instance.activity_tests
        for key, kind in KINDS.items():
            test = tests.get(key) if isinstance(tests, dict) else None
            if isinstance(test, dict):
                values[f"{key}_test"] = f"{family_of(kind)}:{test.get('test')}"
                values[f"{key}_value"] = shown(kind, value_text(test.get("value")))
        return values

    def tests(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The tests that were chosen, in the form of `Rule.activity_tests`."""
        chosen = [key for key in KINDS if cleaned[f"{key}_test"]]
        return {key: self._entered(key, cleaned) for key in chosen}

    def _entered(self, key: str, cleaned: dict[str, Any]) -> dict[str, Any]:
        test, value = cleaned[f"{key}_test"], cleaned[f"{key}_value"]
        entered = read_test("", KINDS[key], test, value)
        if entered.wrong:
            self.add_error(f"{key}_{entered.wrong}", entered.message)
        return {"test": entered.test, "value": entered.value}

    @property
    def test_rows(self) -> list[dict[str, Any]]:
        """For the template: each test with its two fields and the type of its value."""
        return [
            {"test": self[f"{key}_test"], "value": self[f"{key}_value"], "kind": kind.value}
            for key, kind in KINDS.items()
        ]

    @property
    def has_tests(self) -> bool:
        """Whether any test is chosen, or something is wrong with one."""
        return any(self[f"{key}_test"].value() or self[f"{key}_value"].errors for key in KINDS)
