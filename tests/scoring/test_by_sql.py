"""What PostgreSQL computes by itself is what the pure rules say."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scoring.builders import attribute, make_score, moment, rule_row
from tests.scoring.oracle import naive_total
from tests.scoring.test_property import rules as any_rules
from tests.scoring.test_property import spans, types, values, words
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring import building
from wagtail_salesforce.scoring.by_sql.plan import can_be_said
from wagtail_salesforce.scoring.by_sql.windows import doubtful
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.scoring.tests import TESTS, Takes
from wagtail_salesforce.scoring.windows import Window


needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="PostgreSQL computes; other databases let Python do it",
)

TYPES = {
    "size": "integer",
    "share": "decimal",
    "ratio": "float",
    "vip": "boolean",
    "since": "date",
    "seen": "datetime",
    "motto": "text",
    "grade": "choice",
}
NOW = moment("2026-03-20T10:30:15")
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


def both_ways(score):
    """The rows of all contacts as PostgreSQL computes them, and as Python does."""
    found = []
    for fits in (building.fits, lambda rules: False):
        ScorePoints.objects.all().delete()
        with mock.patch.object(building, "fits", fits):
            recalculate(score)
        assert score.status == Score.Status.READY
        rows = ScorePoints.objects.values_list("contact_id", "points", "expires_at", "shares")
        found.append({pk: Held.from_row(*rest) for pk, *rest in rows})
    return found


def same(score):
    ours, theirs = both_ways(score)
    assert ours == theirs
    return ours


VALUES = {
    "size": [3, 0, -7, 10**17, "12", 2.0, 2.5, True, "", None, "many", 10**18],
    "share": [
        "12.50",
        "0.3",
        "-1",
        3,
        2.5,
        "1e3",
        "+4",
        " 5",
        "",
        None,
        "x",
        "1.000000000000000000",
    ],
    "ratio": [0.1, 3, -2.25, "0.1", 1e300, None, True],
    "vip": [True, False, "true", None, "", 1],
    "since": [
        "2026-02-28",
        "2024-02-29",
        "2026-02-29",
        "2026-04-31",
        "2026-12-31",
        "0000-01-01",
        5,
    ],
    "seen": [
        "2026-02-28T09:30:00+00:00",
        "2026-02-28T09:30:00.123456+00:00",
        "2026-02-28T10:30:00+01:00",
        "2026-02-28 09:30",
        "2026-02-30T09:30:00+00:00",
        None,
    ],
    "motto": ["Carpe diem", " carpe DIEM\t", "Stra\u00dfe", "", None, 7, "\u0130x", "100% _a\\"],
    "grade": ["Gold", "gold", "Silver", None, ""],
}
OPERANDS = {
    "size": ["3", "0", "12"],
    "share": ["12.5", "0.3", "3"],
    "ratio": ["0.1", "3", "1e2"],
    "since": ["2026-02-28", "2024-02-29"],
    "seen": ["2026-02-28T09:30:00+00:00", "2026-02-28T09:30:00.123456+00:00"],
    "motto": ["carpe diem", "DIEM", "strasse", "% _A\\", "\u0130"],
    "grade": ["GOLD", "Silver"],
    "job_title": ["Director", "s", "Gesch\u00e4ft"],
    "birthday": ["1990-01-01"],
    "created_at": ["2026-01-01T00:00:00+00:00"],
}


def every_comparison():
    """Every test of every type, with operands that matter."""
    from wagtail_salesforce.contacts.fields import FIELDS

    for name, operands in [*OPERANDS.items(), ("vip", [""])]:
        kind = FieldType(TYPES[name]) if name in TYPES else FIELDS[name].type
        source = "attribute" if name in TYPES else "field"
        for test in TESTS[kind].values():
            yield from _with_operands({"source": source, "field": name}, test, operands)


def _with_operands(comparison, test, operands):
    if test.takes is Takes.NONE:
        yield {**comparison, "test": test.name, "value": ""}
    elif test.takes is Takes.ONE:
        for operand in operands:
            yield {**comparison, "test": test.name, "value": operand}
    elif test.takes is Takes.MANY:
        yield {**comparison, "test": test.name, "value": "\n".join(operands)}
    else:
        yield {**comparison, "test": test.name, "value": "\n".join([operands[0]] * 2)}


@needs_postgres
@pytest.mark.django_db
def test_every_test_of_every_type_agrees():
    for name, kind in TYPES.items():
        attribute(name, kind)
    chance = random.Random(3)
    titles = ["Director", "DIRECTORS ", "Gesch\u00e4ftsf\u00fchrer", "", "\x1fs\x0b"]
    Contact.objects.bulk_create(
        Contact(
            job_title=chance.choice(titles),
            birthday=chance.choice([None, "1990-01-01", "1989-12-31"]),
            created_at=NOW - timedelta(days=chance.randrange(200)),
            attributes={
                name: chance.choice(values)
                for name, values in VALUES.items()
                if chance.random() < 0.7
            },
        )
        for _contact in range(300)
    )
    comparisons = list(every_comparison())
    assert len(comparisons) > 100
    score = make_score()
    Rule.objects.bulk_create(
        rule_row(**each, kind="attribute", points=n + 1, name=f"{n}", score=score)
        for n, each in enumerate(comparisons)
    )
    assert len(same(score)) == 300


@needs_postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]
)
def test_windows_end_at_the_same_moment(zone):
    """Also where clocks go forward or back, in months too short, and in leap years."""
    from wagtail_salesforce.scoring.by_sql.fragments import Sql, sql
    from wagtail_salesforce.scoring.by_sql.windows import end_sql

    chance = random.Random(zone)
    around = [
        datetime(2026, month, day, tzinfo=timezone.utc)
        for month in (3, 4, 10, 11)
        for day in range(1, 31)
    ]
    moments = [
        each + timedelta(minutes=10 * chance.randrange(144)) for each in around for _n in range(12)
    ] + [datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=timezone.utc), moment("2026-01-31T00:00:00")]
    key = ZoneInfo(zone)
    for amount, unit in [(1, "days"), (26, "weeks"), (1, "months"), (7, "months"), (1, "years")]:
        window = Window(amount, unit, key)
        query = sql(
            "SELECT a.o, {} FROM unnest({}::timestamptz[]) AS a(o)",
            end_sql(window, Sql("a.o")),
            moments,
        )
        with connection.cursor() as cursor:
            cursor.execute(query.text, query.params)
            for started, end in cursor.fetchall():
                assert end == window.end(started), (started, unit)


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


@pytest.mark.parametrize(
    ("amount", "unit"), [(1, "days"), (2, "weeks"), (1, "months"), (7, "months"), (4, "years")]
)
@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Apia"])
def test_only_a_few_days_are_doubtful(amount, unit, zone):
    """What begins before them is over, what begins after them is open, whatever the calendar."""
    chance, window = random.Random(unit), Window(amount, unit, ZoneInfo(zone))
    for day in range(0, 800, 3):
        now = datetime(2011, 6, 1, 10, 17, tzinfo=timezone.utc) + timedelta(days=day)
        closed, opened = doubtful(window, now)
        assert opened - closed < timedelta(days=24)
        for _time in range(5):
            away = timedelta(hours=chance.uniform(0, 24 * 70))
            assert window.end(closed - away) <= now
            assert window.end(opened + away) > now


def test_a_window_of_ages_leaves_no_moment_in_doubt():
    """What would end after the years of Python is open for ever."""
    window = Window(10**9, "years", ZoneInfo("Europe/London"))
    closed, opened = doubtful(window, NOW)
    assert closed is None
    assert opened < datetime(2, 1, 1, tzinfo=timezone.utc)
