"""Short ways to make scores, contacts and activities for these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from unittest import mock

from wagtail_salesforce.contacts.models import Activity, Attribute, Contact
from wagtail_salesforce.scoring import stages
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.signals import threshold_crossed


FORM: dict[str, Any] = {"activity_type": "form_submission", "points": 3}


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


def people(number: int) -> list[Contact]:
    """Contacts with as many forms as their place in the list, recorded behind scoring's back."""
    contacts = [
        Contact(email=f"{n}@example.com", email_key=f"{n}@example.com", job_title="Director")
        for n in range(number)
    ]
    Contact.objects.bulk_create(contacts)
    contacts = list(Contact.objects.order_by("pk"))
    Activity.objects.bulk_create(
        Activity(contact=contact, type="form_submission")
        for n, contact in enumerate(contacts)
        for _form in range(n)
    )
    return contacts


def change_points(score: Score, number: int) -> None:
    """Let the activity rule of the score give so many points."""
    rule = score.rules.get(kind="activity")
    rule.points = number
    rule.save()
    score.refresh_from_db()


def in_the_middle(number: int, do: Callable[[], Any]) -> Any:
    """Do something before the chunk of this number is built."""
    original, seen = stages.build, list[Any]()

    def build(*args: Any) -> Any:
        seen.append(args)
        if len(seen) == number:
            do()
        return original(*args)

    return mock.patch("wagtail_salesforce.scoring.stages.build", build)
