"""Rules for activities as pure functions: points, maximum, validity and the next change."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.scoring.builders import moment, rule_row
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.facts import ActivityFact


NOW = moment("2026-06-15T12:00:00")
DAY = timedelta(days=1)


def fact(value=None, ago=0, type="purchase", **columns):
    value = None if value is None else Decimal(str(value))
    return ActivityFact(type, value, occurred_at=NOW - ago * DAY, **columns)


def result(activities, now=NOW, **columns):
    rule = compile_rule(rule_row(**{"activity_type": "purchase", **columns}), {})
    assert rule is not None
    ordered = sorted(activities, key=lambda each: each.occurred_at)
    return rule.evaluate(ordered, now)


@pytest.mark.parametrize(
    ("columns", "values", "points"),
    [
        ({"points": 3}, [], 0),
        ({"points": 3}, [None], 3),
        ({"points": 3}, [None, 5, None], 9),
        ({"points": -3}, [None, None], -6),
        ({"points": 0}, [None, None], 0),
        ({"points": 3, "recurring": False}, [], 0),
        ({"points": 3, "recurring": False}, [None, None], 3),
        ({"points": 1, "per": "value"}, [3000], 3000),
        ({"points": 1, "per": "value"}, [1] * 3000, 3000),
        ({"points": 2, "per": "value"}, [None, 5], 10),
        ({"points": 2, "per": "value"}, [10, -4], 12),
        ({"points": 2, "per": "value"}, [-4], -8),
        ({"points": 1, "per": "value"}, ["2999.6"], 2999),
        ({"points": 1, "per": "value"}, ["0.5", "0.5"], 1),
        ({"points": -1, "per": "value"}, ["1.9"], -1),
        ({"points": 1, "per": "value", "recurring": False}, [None, 7, 9], 7),
        ({"points": 3, "max_points": 7}, [None] * 2, 6),
        ({"points": 3, "max_points": 7}, [None] * 3, 7),
        ({"points": -3, "max_points": -7}, [None] * 3, -7),
        ({"points": -3, "max_points": -7}, [None] * 2, -6),
        ({"points": 1, "per": "value", "max_points": 3000}, [5000], 3000),
        ({"points": 5, "recurring": False, "max_points": 3}, [None], 3),
        ({"points": 100_000, "per": "value"}, ["9999999999999999"], 1_000_000_000),
        ({"points": -100_000, "per": "value"}, ["9999999999999999"], -1_000_000_000),
    ],
)
def test_points(columns, values, points):
    activities = [fact(value, ago=len(values) - n) for n, value in enumerate(values)]
    assert result(activities, **columns).points == points


def test_activities_of_other_types_do_not_count():
    assert result([fact(type="page_visit"), fact()], points=3).points == 3


@pytest.mark.parametrize(
    ("tests", "holds"),
    [
        ({}, True),
        ({"pages": []}, True),
        ({"pages": [7, 8]}, True),
        ({"pages": [8]}, False),
        ({"value": {"test": "greater_or_equal", "value": "100"}}, True),
        ({"value": {"test": "less", "value": 100}}, False),
        ({"value": {"test": "is_empty"}}, False),
        ({"title": {"test": "contains", "value": "LICENCE"}}, True),
        ({"title": {"test": "in_list", "value": ["Hat", "Coat"]}}, False),
        ({"campaign": {"test": "equals", "value": "spring"}}, True),
        ({"campaign": {"test": "not_equals", "value": "Spring"}}, False),
        ({"time": {"test": "greater", "value": "2026-06-01T00:00:00+00:00"}}, True),
        (
            {
                "time": {
                    "test": "between",
                    "value": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"],
                }
            },
            False,
        ),
        ({"pages": [7], "title": {"test": "equals", "value": "hat"}}, False),
    ],
)
def test_tests_of_an_activity(tests, holds):
    bought = fact(100, page_id=7, title="Ten licences", campaign="Spring")
    assert result([bought], points=3, activity_tests=tests).points == (3 if holds else 0)


def test_each_activity_counts_until_its_own_window_ends():
    window = {"points": 3, "validity_amount": 30, "validity_unit": "days"}
    activities = [fact(ago=31), fact(ago=29), fact(ago=10)]
    found = result(activities, **window)
    assert (found.points, found.count) == (6, 2)
    assert found.expires_at == NOW + 1 * DAY
    just_before = found.expires_at - timedelta(microseconds=1)
    assert result(activities, now=just_before, **window).points == 6
    assert result(activities, now=found.expires_at, **window).points == 3
    assert result(activities, now=found.expires_at, **window).expires_at == NOW + 20 * DAY
    assert result(activities, now=NOW + 20 * DAY, **window).expires_at is None


def test_the_end_of_a_window_that_changes_nothing_is_no_change():
    capped = {"points": 3, "max_points": 6, "validity_amount": 30, "validity_unit": "days"}
    activities = [fact(ago=29), fact(ago=20), fact(ago=10)]
    found = result(activities, **capped)
    assert (found.points, found.limited) == (6, True)
    assert found.expires_at == NOW + 10 * DAY


def test_windows_that_end_together_change_once():
    window = {"points": 1, "per": "value", "validity_amount": 1, "validity_unit": "weeks"}
    activities = [fact(5, ago=2), fact(-5, ago=2), fact(1, ago=1)]
    assert result(activities, **window).expires_at == NOW + 6 * DAY


def test_no_points_now_may_still_change():
    window = {"points": 1, "per": "value", "validity_amount": 1, "validity_unit": "weeks"}
    found = result([fact(5, ago=2), fact(-5, ago=1)], **window)
    assert (found.points, found.expires_at) == (0, NOW + 5 * DAY)


def test_once_lasts_as_long_as_any_activity_is_valid():
    once = {"points": 3, "recurring": False, "validity_amount": 30, "validity_unit": "days"}
    found = result([fact(ago=29), fact(ago=10)], **once)
    assert (found.points, found.expires_at) == (3, NOW + 20 * DAY)


def test_once_by_value_passes_to_the_next_activity():
    once = {
        "points": 1,
        "per": "value",
        "recurring": False,
        "validity_amount": 30,
        "validity_unit": "days",
    }
    activities = [fact(8, ago=29), fact(8, ago=20), fact(9, ago=10)]
    found = result(activities, **once)
    assert (found.points, found.expires_at) == (8, NOW + 10 * DAY)
    assert result(activities, now=NOW + 10 * DAY, **once).points == 9


def test_points_until_a_date():
    until = {"points": 3, "valid_until": NOW + 2 * DAY}
    assert result([fact(ago=400)], **until).expires_at == NOW + 2 * DAY
    assert result([], **until).expires_at is None
    at_the_date = result([fact()], now=NOW + 2 * DAY, **until)
    assert (at_the_date.points, at_the_date.expires_at) == (0, None)


def test_a_group_counts_as_many():
    grouped = [ActivityFact("purchase", Decimal(12), count=4), ActivityFact("purchase", count=2)]
    rule = compile_rule(rule_row(activity_type="purchase", points=2), {})
    assert (rule.evaluate(grouped, NOW).points, rule.evaluate(grouped, NOW).count) == (12, 6)
    by_value = compile_rule(rule_row(activity_type="purchase", points=2, per="value"), {})
    assert by_value.evaluate(grouped, NOW).points == 24


@pytest.mark.parametrize(
    ("columns", "details"),
    [
        ({}, False),
        ({"per": "value"}, False),
        ({"recurring": False}, False),
        ({"activity_tests": {"pages": [1]}}, False),
        ({"valid_until": NOW}, False),
        ({"per": "value", "recurring": False}, True),
        ({"activity_tests": {"title": {"test": "is_empty"}}}, True),
        ({"validity_amount": 1, "validity_unit": "days"}, True),
    ],
)
def test_only_some_rules_need_to_see_each_activity(columns, details):
    rule = compile_rule(rule_row(activity_type="purchase", **columns), {})
    assert rule.needs_details is details
