"""What PostgreSQL computes by itself is what the pure rules say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scoring.builders import attribute, make_score, rule_row
from tests.scoring.by_sql import NOW, TYPES, needs_postgres, same
from tests.scoring.oracle import naive_total
from tests.scoring.test_property import rules as any_rules
from tests.scoring.test_property import spans, types, values, words
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring.by_sql.plan import can_be_said
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.models import ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate


FORM = {"activity_type": "form_submission"}


def can_say(**columns):
    row = rule_row(**columns)
    types = {name: FieldType(kind) for name, kind in TYPES.items()}
    rule = compile_rule(row, types)
    assert rule is not None
    return can_be_said({1: rule})


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (FORM, True),
        ({**FORM, "per": "value", "recurring": False}, True),
        ({**FORM, "validity_amount": 3, "validity_unit": "months", "max_points": 5}, True),
        (
            {
                **FORM,
                "validity_amount": 3,
                "validity_unit": "months",
                "per": "value",
                "recurring": False,
            },
            False,
        ),
        ({**FORM, "activity_tests": {"title": {"test": "contains", "value": "Quote"}}}, True),
        ({"field": "job_title", "test": "ends_with", "value": "rektör"}, True),
        (
            {"source": "attribute", "field": "seen", "test": "less", "value": "2026-01-01T00:00"},
            True,
        ),
    ],
)
def test_what_can_be_said_in_sql(columns, expected):
    assert can_say(**columns) is expected


TITLES = ["", "Quote", "QUOTE 2", "Angeb\u00f6t", "other"]


@st.composite
def activity_rules(draw):
    points = draw(st.sampled_from([-7, -1, 0, 1, 3, 100_000]))
    most = draw(st.none() | st.integers(1, 300))
    tests = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "pages": st.sampled_from([[1], [1, 2]]),
                "title": st.sampled_from(
                    [{"test": "contains", "value": "quote"}, {"test": "is_empty"}]
                ),
                "value": st.sampled_from(
                    [{"test": "greater", "value": "1"}, {"test": "is_not_empty"}]
                ),
                "time": st.just({"test": "less", "value": "2026-03-10T00:00:00+00:00"}),
            },
        )
    )
    window = draw(
        st.sampled_from(
            [
                {},
                {"validity_amount": 2, "validity_unit": "weeks"},
                {"validity_amount": 1, "validity_unit": "months"},
                {"valid_until": NOW + timedelta(days=1)},
                {"valid_until": NOW - timedelta(days=1)},
            ]
        )
    )
    return {
        "activity_type": draw(st.sampled_from(["form_submission", "purchase"])),
        "points": points,
        "max_points": most and points and (most if points > 0 else -most),
        "activity_tests": tests,
        "per": draw(st.sampled_from(["activity", "value"])),
        "recurring": draw(st.booleans()),
        **window,
    }


doings = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["form_submission", "purchase", "visit"]),
    st.none() | st.sampled_from([Decimal(v) for v in ("1", "0.5", "40", "-3", "0.3333", "90000")]),
    st.integers(1, 3),
    st.sampled_from(TITLES),
    st.integers(0, 60 * 24 * 45),
)


@needs_postgres
@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    chosen=st.lists(activity_rules(), min_size=1, max_size=6), done=st.lists(doings, max_size=40)
)
def test_activity_rules_agree(chosen, done):
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        score = make_score(*chosen)
        Contact.objects.bulk_create(Contact(email_key=f"{n}") for n in range(5))
        contacts = list(Contact.objects.order_by("pk"))
        Activity.objects.bulk_create(
            Activity(
                contact=contacts[person],
                type=kind,
                value=value,
                page_id=page,
                title=title,
                occurred_at=NOW - timedelta(minutes=ago),
            )
            for person, kind, value, page, title, ago in done
        )
        same(score)
        transaction.set_rollback(True)


@needs_postgres
@pytest.mark.django_db
def test_one_statement_per_chunk_and_no_activity_is_read_into_python():
    from django.test.utils import CaptureQueriesContext

    score = make_score({**FORM, "points": 2}, {"field": "city", "test": "equals", "value": "York"})
    for number in range(30):
        contact = Contact.objects.create(email=f"{number}@example.com", city="York")
        Activity.objects.bulk_create([Activity(contact=contact, type="form_submission")] * 1)
    with CaptureQueriesContext(connection) as queries:
        recalculate(score)
    touched = [q["sql"] for q in queries if Activity._meta.db_table in q["sql"]]
    assert len(touched) == 1
    assert touched[0].startswith("WITH r AS MATERIALIZED")
    assert set(ScorePoints.objects.values_list("points", flat=True)) == {3}


people = st.lists(st.tuples(words, st.none() | st.integers(0, 6)), min_size=1, max_size=4)
acts = st.lists(
    st.tuples(st.integers(0, 3), types, values, st.integers(1, 3), words, spans), max_size=30
)


@needs_postgres
@pytest.mark.django_db
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chosen=st.lists(any_rules, min_size=1, max_size=6), persons=people, done=acts)
def test_the_database_comes_to_what_the_naive_way_says(chosen, persons, done):
    """At the moment of the recalculation, and for as long as it says that the points will stay."""
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        attribute("licences", "integer")
        score = make_score(*chosen)
        contacts = Contact.objects.bulk_create(
            Contact(email_key=f"{n}", job_title=title, attributes={"licences": licences})
            for n, (title, licences) in enumerate(persons)
        )
        Activity.objects.bulk_create(
            Activity(
                contact=contacts[person % len(contacts)],
                type=kind,
                value=value,
                page_id=page,
                title=title,
                occurred_at=NOW - ago,
            )
            for person, kind, value, page, title, ago in done
        )
        recalculate(score)
        in_force, rows = list(score.rules.all()), ScorePoints.objects.in_force(score)
        held = {row.contact_id: (row.points, row.expires_at) for row in rows}
        for contact in contacts:
            points, end = held.get(contact.pk, (0, None))
            assert points == naive_total(contact, in_force, NOW)
            last = (end or NOW + timedelta(days=400)) - timedelta(microseconds=1)
            assert points == naive_total(contact, in_force, last)
        transaction.set_rollback(True)
