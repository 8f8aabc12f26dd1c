"""Short ways to make scores, contacts and activities for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from wagtail_salesforce.contacts.models import Activity, Attribute, Contact
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.signals import threshold_crossed


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def rule_row(**columns: Any) -> Rule:
    """An unsaved rule: for activities if it names an activity type, else for a field."""
    if "activity_type" in columns:
        columns.setdefault("kind", "activity")
    elif "condition" in columns:
        columns.setdefault("kind", "condition")
    else:
        columns.setdefault("kind", "attribute")
        columns.setdefault("source", "field")
    return Rule(**{"name": "Rule", "points": 1, **columns})


def make_score(*rules: dict[str, Any], **columns: Any) -> Score:
    """A saved score with these rules, as ready as after a recalculation without contacts."""
    score = Score.objects.create(**{"name": "Sales ready", **columns})
    for number, rule in enumerate(rules):
        row = rule_row(**{"name": f"Rule {number}", **rule})
        row.score = score
        row.save()
    recalculate(score)
    return score


def make_contact(email: str = "ada@example.com", **columns: Any) -> Contact:
    return Contact.objects.create(email=email, **columns)


def act(contact: Contact, type: str = "purchase", value: Any = None, **columns: Any) -> Activity:
    value = None if value is None else Decimal(value)
    return Activity.objects.create(contact=contact, type=type, value=value, **columns)


def held(contact: Contact, score: Score) -> int | None:
    """The points the contact holds; None without a row."""
    rows = ScorePoints.objects.in_force(score).filter(contact=contact)
    return rows.values_list("points", flat=True).first()


def row(contact: Contact, score: Score) -> ScorePoints:
    return ScorePoints.objects.in_force(score).get(contact=contact)


@contextmanager
def crossings() -> Iterator[list[tuple[int, int]]]:
    """Who has reached a limit meanwhile, with how many points."""
    told: list[tuple[int, int]] = []

    def receiver(contact_id: int, points: int, **kwargs: Any) -> None:
        told.append((contact_id, points))

    threshold_crossed.connect(receiver)
    try:
        yield told
    finally:
        threshold_crossed.disconnect(receiver)


def attribute(name: str, type: str) -> Attribute:
    return Attribute.objects.create(name=name, label=name.capitalize(), type=type)
