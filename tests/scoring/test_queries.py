"""Who has enough points: exact, also at 0 and below, and through the indexes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.scoring.builders import make_contact, make_score
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import ScorePoints
from wagtail_salesforce.scoring.queries import contacts_with_points, holders, points_at_least


pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def score():
    """A score with five contacts: their names say what they hold."""
    score, now = make_score(), timezone.now()
    other = make_score(name="Other")
    for name, points, expires_at in [
        ("plenty", 10, None),
        ("valid", 10, now + HOUR),
        ("expired", 10, now - HOUR),
        ("zero", 0, None),
        ("negative", -5, None),
    ]:
        contact = make_contact(f"{name}@example.com", last_name=name)
        ScorePoints.objects.create(
            score=score, contact=contact, points=points, expires_at=expires_at
        )
        ScorePoints.objects.create(score=other, contact=contact, points=99)
    make_contact("nothing@example.com", last_name="nothing")
    return score


@pytest.mark.parametrize(
    ("minimum", "names"),
    [
        (11, set()),
        (10, {"plenty", "valid"}),
        (1, {"plenty", "valid"}),
        (0, {"plenty", "valid", "zero", "nothing"}),
        (-5, {"plenty", "valid", "zero", "nothing", "negative"}),
    ],
)
def test_contacts_with_points(score, minimum, names):
    found = contacts_with_points(score, minimum)
    assert {contact.last_name for contact in found} == names
    links = LeadLink.objects.filter(points_at_least(score, minimum, contact="contact_id"))
    assert {link.contact.last_name for link in links} == names


def test_holders_by_points(score):
    names = [row.contact.last_name for row in holders(score)]
    assert names == ["plenty", "valid", "expired", "zero", "negative"]
    assert [row.points for row in holders(score, 1)] == [10, 10, 10]


def copies(model, number, **columns):
    """So many more rows like the only one there is, made by one statement; `columns` is SQL."""
    table = model._meta.db_table
    fields = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join(columns.get(name, name) for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(fields)}) "
            f"SELECT {chosen} FROM {table}, generate_series(1, {number}) AS n"
        )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plans")
def test_plans_with_many_contacts():
    score, contact = make_score(), make_contact()
    copies(Contact, 20_000, email_key="n::text")
    ScorePoints.objects.create(score=score, contact=contact, points=1)
    points = {"contact_id": f"{contact.pk} + n", "points": "n % 1000"}
    copies(ScorePoints, 20_000, **points)
    with connection.cursor() as cursor:
        # Among so few rows a scan of the whole table would often be cheaper.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("ANALYZE wagtail_salesforce_scorepoints, wagtail_salesforce_contact")
    batch = range(contact.pk + 1000, contact.pk + 2000)
    for minimum in (999, 3, 0):
        plan = contacts_with_points(score, minimum).filter(pk__in=batch).explain()
        assert "ws_score_points_" in plan
        assert "Seq Scan" not in plan
    for minimum in (None, 500):
        plan = holders(score, minimum)[:50].explain()
        assert "ws_score_points_by_points" in plan
        assert "Seq Scan" not in plan
    now = timezone.now()
    expired = ScorePoints.objects.filter(score=score, expires_at__lte=now).order_by("expires_at")
    assert "ws_score_points_expiry" in expired.values_list("contact_id")[:1000].explain()
