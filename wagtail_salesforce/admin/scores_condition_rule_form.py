"""The form of a condition rule: several tests, joined by "all" and "any" in groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from wagtail_salesforce.admin import scores_condition_tree as tree
from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.admin.scores_subjects import Subjects, family_of, shown
from wagtail_salesforce.admin.scores_test_fields import (
    offer_subjects,
    offer_tests,
    read_test,
    subject_field,
    test_field,
    value_field,
)
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.scoring.comparisons import DEEPEST
from wagtail_salesforce.scoring.models import Rule


#: Django reads at most 1,000 fields of a form; each test has three.
MOST_TESTS = 250


class TestForm(forms.Form):
    """One test in a condition."""

    __test__ = False

    subject = subject_field()
    test = test_field()
    value = value_field()

    def __init__(self, subjects: Subjects, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subjects = subjects
        offer_subjects(self.fields["subject"], subjects)
        offer_tests(self.fields["test"])

    def as_json(self) -> dict[str, Any]:
        """The test as rules keep it; what is wrong with it becomes an error of this form."""
        cleaned = self.cleaned_data
        kind = self.subjects.kinds[cleaned["subject"]]
        entered = read_test(cleaned["subject"], kind, cleaned["test"], cleaned["value"])
        if entered.wrong:
            self.add_error(entered.wrong, entered.message)
        source, _colon, name = cleaned["subject"].partition(":")
        return {"source": source, "field": name, "test": entered.test, "value": entered.value}


@dataclass
class Row:
    """A part of the condition as the template draws it: a test with its form, or a group."""

    path: str
    number: str
    form: TestForm | None = None
    join: str = ""
    parts: list[Row] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    first: bool = True
    last: bool = True
    may_nest: bool = False

    def walk(self) -> list[Row]:
        """This part and all below."""
        return [self, *(row for part in self.parts for row in part.walk())]


class ConditionRuleForm(RuleForm):
    """Points for whoever fulfils a condition. `group` replaces what is stored or posted."""

    def __init__(self, *args: Any, group: tree.Group | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._group = group
        # Where the focus goes after a button changed the condition.
        self.focus = ""

    @property
    def too_large(self) -> bool:
        """Whether the condition has more tests than a form can carry; it then stays as it is."""
        stored = self.instance.condition
        return bool(stored) and tree.size(tree.from_json(stored)) > MOST_TESTS

    @cached_property
    def root(self) -> Row:
        """The whole condition."""
        group = self._group
        if group is None and self.is_bound:
            group = tree.from_post(self.data)
        if group is None:
            stored = self.instance.condition
            group = self._prefixed(tree.from_json(stored) if stored else tree.empty())
        return self._row(group, tree.ROOT, "")

    def _prefixed(self, node: Any) -> Any:
        """The stored tests with the families of their types and with values as people read them."""
        if isinstance(node, tree.Group):
            return tree.Group(node.join, [self._prefixed(part) for part in node.parts])
        kind = self.subjects.kinds.get(node.subject)
        test = f"{family_of(kind)}:{node.test}" if kind else ""
        return tree.Test(node.subject, test, shown(kind, node.value))

    def _row(self, node: tree.Node, path: str, number: str) -> Row:
        if isinstance(node, tree.Test):
            return Row(path, number, self._test_form(node, path))
        last = len(node.parts) - 1
        rows = []
        for index, part in enumerate(node.parts):
            label = f"{number}.{index + 1}" if number else str(index + 1)
            row = self._row(part, f"{path}-{index}", label)
            row.first, row.last = index == 0, index == last
            rows.append(row)
        depth = path.count("-") + 1
        return Row(path, number, join=node.join, parts=rows, may_nest=depth + 2 <= DEEPEST)

    def _test_form(self, test: tree.Test, path: str) -> TestForm:
        values = {"subject": test.subject, "test": test.test, "value": test.value}
        if not self.is_bound:
            return TestForm(self.subjects, initial=values, prefix=path)
        data = {f"{path}-{name}": value for name, value in values.items()}
        return TestForm(self.subjects, data, prefix=path)

    def clean(self) -> dict[str, Any]:
        """Every test is checked, also while another field is wrong, so that all errors show."""
        valid = [row.form.is_valid() for row in self.root.walk() if row.form]
        if not self.too_large and not all(valid):
            self._mark()
        return super().clean()

    def _mark(self) -> None:
        """Say once, at the top, that there are errors beside the tests."""
        if not self.non_field_errors():
            self.add_error(None, _("Correct the tests that are marked below."))

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        super().fill(rule, cleaned)
        if self.too_large:
            return
        rule.condition = self._json(self.root)
        if any(row.form and row.form.errors for row in self.root.walk()):
            self._mark()

    def _json(self, row: Row) -> dict[str, Any]:
        if row.form:
            return row.form.as_json()
        return {row.join: [self._json(part) for part in row.parts]}

    def complain(self, problem: Problem) -> None:
        """Beside the part of the condition that it is about."""
        path, column = tree.problem_path(problem.path)
        row = next((row for row in self.root.walk() if row.path == path), None)
        if not problem.path.startswith("condition") or row is None:
            super().complain(problem)
            return
        place = {"source": "subject", "field": "subject"}.get(column, column)
        if row.form:
            row.form.add_error(place or None, problem.message)
        else:
            row.errors.append(problem.message)
        self._mark()
