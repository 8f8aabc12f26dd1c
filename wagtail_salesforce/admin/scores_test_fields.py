"""The three fields of a test (what, which test, compared with what) and how they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.scores_subjects import (
    Subjects,
    family_of,
    operands,
    takes,
    test_data,
    test_options,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.tests import Takes


class DataSelect(forms.Select):
    """A select whose options carry data attributes for the page's script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.data: Mapping[str, dict[str, str]] = {}
        super().__init__(*args, **kwargs)

    def create_option(self, name: Any, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"].update(self.data.get(str(value), {}))
        return option


def subject_field() -> forms.ChoiceField:
    """What of the contact is tested."""
    return forms.ChoiceField(
        label=gettext_lazy("Field or attribute"),
        widget=DataSelect(attrs={"data-ws-test-target": "subject"}),
    )


def test_field(**kwargs: Any) -> forms.ChoiceField:
    """Which test is put to it."""
    widget = DataSelect(attrs={"data-ws-test-target": "test"})
    return forms.ChoiceField(
        label=kwargs.pop("label", gettext_lazy("Test")), widget=widget, **kwargs
    )


def value_field(**kwargs: Any) -> forms.CharField:
    """What it is compared with: one value on each line. The page's script puts typed inputs
    before it."""
    return forms.CharField(
        label=kwargs.pop("label", gettext_lazy("Value")),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-ws-test-target": "value"}),
        **kwargs,
    )


VALUE_HELP = gettext_lazy(
    "One value on each line. Dates are written as 2026-02-28, dates with a time as "
    "2026-02-28T09:30, numbers with a point: 12.5."
)


def offer_subjects(field: forms.Field, subjects: Subjects) -> None:
    """Fill a subject field."""
    field.choices = subjects.options()  # type: ignore[attr-defined]
    field.widget.data = subjects.option_data()


def offer_tests(field: forms.Field, kinds: Iterable[FieldType] = tuple(FieldType)) -> None:
    """Fill a test field with the tests of these types; optional ones begin with "any"."""
    choices = test_options(kinds)
    field.choices = choices if field.required else [("", _("does not matter")), *choices]  # type: ignore[attr-defined]
    field.widget.data = test_data()


@dataclass(frozen=True)
class Entered:
    """A test as it was entered: its name and its values; or what is wrong, and with which field."""

    test: str
    values: list[str]
    wrong: str = ""
    message: str = ""

    @property
    def value(self) -> Any:
        """As JSON: one value, a list of several, or nothing."""
        return self.values[0] if len(self.values) == 1 else self.values or ""


def read_test(subject: str, kind: FieldType, chosen: str, text: str) -> Entered:
    """Read what was chosen and entered. Whether the values fit, the rule itself tells."""
    family, _colon, test = chosen.partition(":")
    count = takes(kind, test)
    if family != family_of(kind) or count is None:
        return Entered(test, [], "test", _("Choose a test that fits the field."))
    values = operands(subject, kind, test, text)
    if count is Takes.ONE and len(values) > 1:
        return Entered(test, values, "value", _("Give one value to compare with, on one line."))
    return Entered(test, values)
