"""How long points are valid, on the site's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.builders import moment
from wagtail_salesforce.scoring.windows import Window


UTC = ZoneInfo("UTC")
LONDON = ZoneInfo("Europe/London")
AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("amount", "unit", "zone", "start", "end"),
    [
        (1, "days", UTC, "2026-02-28T10:00:00", "2026-03-01T10:00:00"),
        (2, "weeks", UTC, "2026-02-20T10:00:00", "2026-03-06T10:00:00"),
        (1, "months", UTC, "2026-01-31T10:00:00", "2026-02-28T10:00:00"),
        (1, "months", UTC, "2028-01-31T10:00:00", "2028-02-29T10:00:00"),
        (13, "months", UTC, "2026-12-31T23:59:59.999999", "2028-01-31T23:59:59.999999"),
        (1, "years", UTC, "2028-02-29T00:00:00", "2029-02-28T00:00:00"),
        (4, "years", UTC, "2028-02-29T00:00:00", "2032-02-29T00:00:00"),
        # The clocks go forward on 29 March 2026: a day later at the same time on the wall clock.
        (1, "days", LONDON, "2026-03-28T12:00:00", "2026-03-29T11:00:00"),
        # 31 January in UTC, but 1 February in Auckland (UTC+13): one month later is 1 March there.
        (1, "months", AUCKLAND, "2026-01-31T11:30:00", "2026-02-28T11:30:00"),
    ],
)
def test_the_end(amount, unit, zone, start, end):
    assert Window(amount, unit, zone).end(moment(start)) == moment(end)


def test_a_window_beyond_the_calendar_never_ends():
    assert Window(100, "years", UTC).end(datetime(9950, 1, 1, tzinfo=timezone.utc)) is None
    assert Window(36_000, "days", AUCKLAND).end(datetime(9950, 1, 1, tzinfo=timezone.utc)) is None
    assert Window(10**9, "years", UTC).earliest_start(moment("2026-01-01T00:00:00")) is None


@given(
    amount=st.integers(1, 400),
    unit=st.sampled_from(["days", "weeks", "months", "years"]),
    zone=st.sampled_from([UTC, LONDON, AUCKLAND]),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc)),
    late=st.timedeltas(timedelta(0), timedelta(days=40_000)),
)
def test_what_may_still_be_open_is_never_left_out(amount, unit, zone, start, late):
    window, now = Window(amount, unit, zone), start + late
    end, earliest = window.end(start), window.earliest_start(now)
    if end is not None and end > now:
        assert earliest is None or start > earliest
