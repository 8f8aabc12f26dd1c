"""Rules as pure functions: facts in, points with their reasons out. Knows no database.

Points of a rule for activities:

    recurring, per activity    points × number of matching activities that are still valid
    recurring, per value       points × sum of their values (activities without a value add 0)
    once, per activity         points, as long as one matching activity is still valid
    once, per value            points × value of the earliest one with a value still valid

Fractions are cut off, so that a limit counts as reached only when it really is. A maximum caps
the result (for negative points it is a floor). An activity counts until its window ends, to the
moment; `expires_at` is the earliest moment at which the points of the rule become others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from wagtail_salesforce.scoring.checks import Check
from wagtail_salesforce.scoring.conditions import Condition
from wagtail_salesforce.scoring.facts import ActivityFact, ContactFacts
from wagtail_salesforce.scoring.windows import Window


# No rule gives more than this, so that absurd values cannot overflow the points' column.
BOUND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The points of one rule and how they came about.

    `count` is the number of activities that count (1 or 0 for other rules), `amount` what the
    rule's points were multiplied with, `limited` whether the maximum cut them.
    """

    points: int = 0
    expires_at: datetime | None = None
    count: int = 0
    amount: Decimal = Decimal(0)
    limited: bool = False


@dataclass(frozen=True, slots=True)
class ContactRule:
    """Points for a contact whose fields and attributes fulfil a condition."""

    points: int
    condition: Condition

    def evaluate(self, facts: ContactFacts) -> RuleResult:
        if not self.condition.holds(facts):
            return RuleResult()
        return RuleResult(self.points, count=1, amount=Decimal(1))


@dataclass(frozen=True, slots=True)
class ActivityTests:
    """What an activity must be like: on any of these pages (none named: all), and all checks.

    `checks` are pairs of an ActivityFact's attribute name and the check of its value.
    """

    pages: frozenset[int] = frozenset()
    checks: tuple[tuple[str, Check], ...] = ()

    def hold(self, activity: ActivityFact) -> bool:
        if self.pages and activity.page_id not in self.pages:
            return False
        return all(check.holds(getattr(activity, name)) for name, check in self.checks)


class Open(NamedTuple):
    """An activity that counts, what it adds, and until when (None: for ever)."""

    activity: ActivityFact
    amount: Decimal
    end: datetime | None


@dataclass(frozen=True, slots=True)
class ActivityRule:
    """Points for what a contact did. Amounts of facts that stand for many count as many."""

    points: int
    activity_type: str
    tests: ActivityTests = field(default_factory=ActivityTests)
    per_value: bool = False
    recurring: bool = True
    max_points: int | None = None
    window: Window | None = None
    valid_until: datetime | None = None

    @property
    def needs_details(self) -> bool:
        """Whether each activity must be seen; else counts and sums per page are enough."""
        once_by_value = self.per_value and not self.recurring
        return bool(self.window or self.tests.checks or once_by_value)

    def evaluate(self, activities: Iterable[ActivityFact], now: datetime) -> RuleResult:
        """The points at this moment. The activities come in the order in which they happened."""
        if self.valid_until is not None and now >= self.valid_until:
            return RuleResult()
        valid = [item for item in self._matching(activities) if item.end is None or item.end > now]
        amount = self._amount(valid)
        points, limited = self._points(amount)
        change = self._next_change(valid, points)
        if points and self.valid_until is not None:
            change = min(change or self.valid_until, self.valid_until)
        return RuleResult(points, change, sum(i.activity.count for i in valid), amount, limited)

    def _matching(self, activities: Iterable[ActivityFact]) -> Iterator[Open]:
        for activity in activities:
            if activity.type == self.activity_type and self.tests.hold(activity):
                amount = activity.value if self.per_value else Decimal(activity.count)
                if amount is not None:
                    yield Open(activity, amount, self._end(activity))

    def _end(self, activity: ActivityFact) -> datetime | None:
        if self.window is None or activity.occurred_at is None:
            return None
        return self.window.end(activity.occurred_at)

    def _amount(self, valid: Sequence[Open]) -> Decimal:
        if self.recurring:
            return sum((item.amount for item in valid), Decimal(0))
        if not valid:
            return Decimal(0)
        return valid[0].amount if self.per_value else Decimal(1)

    def _points(self, amount: Decimal) -> tuple[int, bool]:
        """The points for an amount, and whether the maximum cut them."""
        points = max(-BOUND, min(BOUND, int(self.points * amount)))
        if self.max_points is None:
            return points, False
        capped = (min if self.max_points > 0 else max)(points, self.max_points)
        return capped, capped != points

    def _next_change(self, valid: Sequence[Open], points: int) -> datetime | None:
        """The first end of a window after which the points are others."""
        for moment, amount in self._outlook(valid):
            if self._points(amount)[0] != points:
                return moment
        return None

    def _outlook(self, valid: Sequence[Open]) -> Iterator[tuple[datetime, Decimal]]:
        """Each moment to come at which windows end, and the amount from then on."""
        ending = sorted((item for item in valid if item.end is not None), key=attrgetter("end"))
        left, first = self._amount(valid), 0
        for moment, gone in groupby(ending, key=attrgetter("end")):
            if self.recurring:
                left -= sum(item.amount for item in gone)
            else:
                first = _first_open(valid, first, moment)
                left = self._amount(valid[first : first + 1])
            yield moment, left


def _first_open(valid: Sequence[Open], start: int, moment: Any) -> int:
    """The place of the earliest activity still open at the moment, looking from `start` on."""
    while start < len(valid) and (end := valid[start].end) is not None and end <= moment:
        start += 1
    return start


PointsRule = ContactRule | ActivityRule
