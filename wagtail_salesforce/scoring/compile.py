"""Reads a rule as it is stored into a pure rule, and finds everything that is wrong with it.

A rule with problems gives no points: what an editor sees as broken must not be guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.activity_types import check_name
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.compile_condition import AttributeTypes, ConditionReader, one_of
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.rules import (
    ActivityRule,
    ActivityTests,
    ContactRule,
    PointsRule,
)
from wagtail_salesforce.scoring.windows import LONGEST_DAYS, Window


LONGEST_VALIDITY_DAYS = 366 * 100

#: What can be tested of an activity: key in `activity_tests` -> (attribute of the fact, its type).
ACTIVITY_COLUMNS = {
    "value": ("value", FieldType.DECIMAL),
    "title": ("title", FieldType.TEXT),
    "campaign": ("campaign", FieldType.TEXT),
    "time": ("occurred_at", FieldType.DATETIME),
}


@dataclass
class Reader(ConditionReader):
    """Reads one rule; `problems` fills up on the way."""

    zone: tzinfo = field(default_factory=timezone.get_default_timezone)

    def read(self, rule: Rule) -> PointsRule | None:
        """The pure rule, or None when it has problems."""
        if rule.kind == Rule.Kind.ACTIVITY:
            made: PointsRule | None = self._activity_rule(rule)
        else:
            condition = self.condition_of(rule)
            made = None if condition is None else ContactRule(rule.points, condition)
        return None if self.problems else made

    def _activity_rule(self, rule: Rule) -> ActivityRule:
        try:
            check_name(rule.activity_type)
        except ValueError as error:
            self.complain("activity_type", str(error))
        if rule.per not in Rule.Per.values:
            self.complain("per", _("Choose activity or value."))
        return ActivityRule(
            points=rule.points,
            activity_type=rule.activity_type,
            tests=self._activity_tests(rule.activity_tests),
            per_value=rule.per == Rule.Per.VALUE,
            recurring=rule.recurring,
            max_points=rule.max_points,
            window=self._window(rule),
            valid_until=rule.valid_until,
        )

    def _window(self, rule: Rule) -> Window | None:
        amount, unit = rule.validity_amount, rule.validity_unit
        if amount is None and not unit:
            return None
        if amount is None or amount < 1:
            self.complain("validity_amount", _("Give a period of 1 or more, or none and no unit."))
        elif unit not in LONGEST_DAYS:
            self.complain("validity_unit", _("Choose days, weeks, months or years."))
        elif amount * LONGEST_DAYS[unit] > LONGEST_VALIDITY_DAYS:
            self.complain("validity_amount", _("Give a period of at most 100 years."))
        else:
            return Window(amount, unit, self.zone)
        return None

    def _activity_tests(self, raw: Any) -> ActivityTests:
        if not isinstance(raw, dict):
            self.complain("activity_tests", _("Give an object with tests, or an empty one."))
            return ActivityTests()
        for key in raw.keys() - ACTIVITY_COLUMNS.keys() - {"pages"}:
            self.complain(f"activity_tests.{key}", one_of("pages", *ACTIVITY_COLUMNS))
        checks = [
            (column, self.check(f"activity_tests.{key}", kind, raw[key]))
            for key, (column, kind) in ACTIVITY_COLUMNS.items()
            if key in raw
        ]
        found = tuple((column, check) for column, check in checks if check is not None)
        return ActivityTests(self._pages(raw.get("pages", [])), found)

    def _pages(self, raw: Any) -> frozenset[int]:
        ids = raw if isinstance(raw, list) else [None]
        if not all(isinstance(pk, int) and not isinstance(pk, bool) and pk > 0 for pk in ids):
            self.complain("activity_tests.pages", _("Give a list of the ids of pages."))
            return frozenset()
        return frozenset(ids)


def compile_rule(rule: Rule, types: AttributeTypes) -> PointsRule | None:
    """The pure rule of a stored one, or None when it has problems and gives no points."""
    return Reader(types).read(rule)
