"""Windows end in PostgreSQL when they do in Python, and few moments are in doubt."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.scoring.builders import moment
from tests.scoring.by_sql import NOW, needs_postgres
from wagtail_salesforce.scoring.by_sql.fragments import Sql, sql
from wagtail_salesforce.scoring.by_sql.windows import doubtful, end_sql
from wagtail_salesforce.scoring.windows import Window


@needs_postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]
)
def test_windows_end_at_the_same_moment(zone):
    """Also where clocks go forward or back, in months too short, and in leap years."""
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
