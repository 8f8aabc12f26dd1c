"""The naive way: a contact's points from all its activities, one by one, every time anew.

Written from the words of the rules and sharing nothing with the package but its models.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from math import trunc
from zoneinfo import ZoneInfo

from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring.models import Rule


ZONE = ZoneInfo("Europe/London")
NEVER = datetime(9999, 1, 1, tzinfo=timezone.utc)


def naive_total(contact: Contact, rules: list[Rule], now: datetime) -> int:
    activities = list(Activity.objects.filter(contact=contact).order_by("occurred_at", "pk"))
    return sum(naive_points(rule, contact, activities, now) for rule in rules)


def naive_points(rule: Rule, contact: Contact, activities: list[Activity], now: datetime) -> int:
    if rule.kind == "attribute":
        return rule.points if holds(contact, comparison(rule)) else 0
    if rule.kind == "condition":
        return rule.points if holds(contact, rule.condition) else 0
    if rule.valid_until and now >= rule.valid_until:
        return 0
    counting = [
        each
        for each in activities
        if each.type == rule.activity_type
        and fits(rule.activity_tests, each)
        and now < end_of(rule, each)
        and (rule.per == "activity" or each.value is not None)
    ]
    if not rule.recurring:
        counting = counting[:1]
    amounts = [1 if rule.per == "activity" else Fraction(each.value) for each in counting]
    points = trunc(rule.points * sum(amounts))
    if rule.max_points is None:
        return points
    return min(points, rule.max_points) if rule.max_points > 0 else max(points, rule.max_points)


def comparison(rule: Rule) -> dict:
    return {"source": rule.source, "field": rule.field, "test": rule.test, "value": rule.value}


def holds(contact: Contact, condition: dict) -> bool:
    """The few tests that the random rules use."""
    if "all" in condition:
        return all(holds(contact, part) for part in condition["all"])
    if "any" in condition:
        return any(holds(contact, part) for part in condition["any"])
    if condition["source"] == "attribute":
        number = contact.attributes.get(condition["field"])
        return number is not None and number > int(condition["value"])
    return condition["value"].lower() in getattr(contact, condition["field"]).lower()


def fits(tests: dict, activity: Activity) -> bool:
    if "pages" in tests and activity.page_id not in tests["pages"]:
        return False
    if "title" in tests and tests["title"]["value"].lower() not in activity.title.lower():
        return False
    least = tests.get("value")
    return not least or (activity.value is not None and activity.value >= int(least["value"]))


def end_of(rule: Rule, activity: Activity) -> datetime:
    """Step by step on the wall clock of the site."""
    if rule.validity_amount is None:
        return NEVER
    wall = activity.occurred_at.astimezone(ZONE).replace(tzinfo=None)
    if rule.validity_unit in ("days", "weeks"):
        days = rule.validity_amount * (7 if rule.validity_unit == "weeks" else 1)
        return (wall + timedelta(days=days)).replace(tzinfo=ZONE).astimezone(timezone.utc)
    months = rule.validity_amount * (12 if rule.validity_unit == "years" else 1)
    year, month = wall.year, wall.month
    for _month in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for day in range(wall.day, 0, -1):
        try:
            end = wall.replace(year=year, month=month, day=day)
        except ValueError:
            continue
        return end.replace(tzinfo=ZONE).astimezone(timezone.utc)
    raise AssertionError("every month has a first day")
