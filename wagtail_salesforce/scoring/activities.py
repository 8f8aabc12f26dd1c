"""Reads the activities that rules look at, for many contacts at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DecimalField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from wagtail_salesforce.contacts.models import Activity
from wagtail_salesforce.scoring.facts import ActivityFact
from wagtail_salesforce.scoring.rules import ActivityRule


DECIMAL_PLACES = Decimal("0.0001")
FETCH = 5000


class Activities:
    """Hands out the activities that rules look at, one contact after another in ascending order.

    At most two statements: counts and sums per type (and page, where a rule asks for pages) for
    rules that need no more, so that a contact with 10,000 activities costs a few rows; single
    activities for rules with windows or tests, no older than their windows reach.
    """

    def __init__(
        self, contact_ids: Collection[int], rules: Iterable[ActivityRule], now: datetime
    ) -> None:
        detailed = [rule for rule in rules if rule.needs_details]
        grouped = [rule for rule in rules if not rule.needs_details]
        chosen = Activity.objects.filter(contact__in=contact_ids)
        many = len(contact_ids) > 1
        self._grouped = Walk(_rows(_groups(chosen, grouped), many) if grouped else ())
        self._detailed = Walk(_rows(_details(chosen, detailed, now), many) if detailed else ())

    def of(self, contact_id: int) -> ContactActivities:
        """The activities of a contact; ask for contacts in ascending order."""
        return ContactActivities(
            [_group(row) for row in self._grouped.of(contact_id)],
            [_detail(row) for row in self._detailed.of(contact_id)],
        )


@dataclass(frozen=True)
class ContactActivities:
    """One contact's activities, as sums and one by one in the order in which they happened."""

    grouped: Sequence[ActivityFact] = ()
    detailed: Sequence[ActivityFact] = ()

    def for_rule(self, rule: ActivityRule) -> Sequence[ActivityFact]:
        return self.detailed if rule.needs_details else self.grouped


class Walk:
    """Groups of rows by their first column (ascending), for somebody who asks in that order."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = ((key, list(group)) for key, group in groupby(rows, key=itemgetter(0)))
        self._next = next(self._groups, None)

    def of(self, key: int) -> list[tuple[Any, ...]]:
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        return self._next[1] if self._next is not None and self._next[0] == key else []


def _rows(rows: QuerySet[Any, Any], many: bool) -> Iterator[tuple[Any, ...]]:
    """Streamed for many contacts, so that memory stays flat; one fetch for a single one."""
    return rows.iterator(chunk_size=FETCH) if many else iter(rows)


def _groups(chosen: QuerySet[Activity], rules: Sequence[ActivityRule]) -> QuerySet[Any, Any]:
    pages = frozenset().union(*(rule.tests.pages for rule in rules))
    page: Any = Value(None, output_field=BigIntegerField())
    if pages:
        page = Case(When(page_id__in=pages, then="page_id"), default=page)
    types = {rule.activity_type for rule in rules}
    total = Sum("value", output_field=DecimalField(max_digits=40, decimal_places=4))
    groups = chosen.filter(type__in=types).order_by("contact_id").annotate(asked_page=page)
    sums = groups.values("contact_id", "type", "asked_page").annotate(n=Count("pk"), total=total)
    return sums.values_list("contact_id", "type", "asked_page", "n", "total")


def _group(row: tuple[Any, ...]) -> ActivityFact:
    _contact, kind, page_id, count, total = row
    # SQLite sums floating-point numbers; with four places the exact sum comes back.
    value = None if total is None else total.quantize(DECIMAL_PLACES)
    return ActivityFact(kind, value, page_id, count=count)


def _details(
    chosen: QuerySet[Activity], rules: Sequence[ActivityRule], now: datetime
) -> QuerySet[Any, Any]:
    wanted = Q()
    for rule in rules:
        wanted |= _wanted(rule, now)
    return (
        chosen.filter(wanted)
        .order_by("contact_id", "occurred_at", "pk")
        .values_list("contact_id", "type", "value", "page_id", "title", "campaign", "occurred_at")
    )


def _wanted(rule: ActivityRule, now: datetime) -> Q:
    """What the database can sort out exactly and cheaply; the rule does the rest."""
    wanted = Q(type=rule.activity_type)
    start = rule.window.earliest_start(now) if rule.window else None
    if start is not None:
        wanted &= Q(occurred_at__gt=start)
    return wanted & Q(page_id__in=rule.tests.pages) if rule.tests.pages else wanted


def _detail(row: tuple[Any, ...]) -> ActivityFact:
    return ActivityFact(*row[1:])
