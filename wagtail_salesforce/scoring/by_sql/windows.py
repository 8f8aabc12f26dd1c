"""When the points of an activity expire, in SQL, as `windows.Window` computes it."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

from wagtail_salesforce.scoring.by_sql.fragments import Sql, sql
from wagtail_salesforce.scoring.windows import MARGIN, Window


#: Later ones could end after the years of Python, so their contacts are left to it.
LATEST = "9000-01-01T00:00:00+00:00"


def zone_name(window: Window) -> str | None:
    """The name under which PostgreSQL knows the time zone, or None."""
    if window.zone is timezone.utc:
        return "UTC"
    return window.zone.key if isinstance(window.zone, ZoneInfo) else None


def end_sql(window: Window, occurred_at: Sql) -> Sql:
    """The end of the window that begins then.

    PostgreSQL takes the later of two moments that have the same time on the wall clock (when
    clocks go back); the earlier one, by the offset from UTC shortly before, is the end. Nearly
    always the offset is the same shortly before, and there is nothing more to compute.
    """
    zone = zone_name(window)
    wall = sql(
        f"(({{}} AT TIME ZONE {{}}) + make_interval({window.unit} => {{}}))",
        occurred_at,
        zone,
        window.amount,
    )
    late = sql("({} AT TIME ZONE {})", wall, zone)
    before = sql("(({} - interval '3 hours') AT TIME ZONE {})", late, zone)
    return sql(
        "(CASE WHEN {} = {} - interval '3 hours' THEN {} ELSE {} END)",
        before,
        wall,
        late,
        _end_near_a_change(wall, late, before, zone),
    )


def _end_near_a_change(wall: Sql, late: Sql, before: Sql, zone: str | None) -> Sql:
    early = sql(
        "(({} - ({} - (({} - interval '3 hours') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC')",
        wall,
        before,
        late,
    )
    return sql(
        "CASE WHEN {} < {} AND {} AT TIME ZONE {} = {} THEN {} ELSE {} END",
        early,
        late,
        early,
        zone,
        wall,
        early,
        late,
    )


def open_sql(window: Window, occurred_at: Sql, now: datetime) -> Sql:
    """Whether the window that begins then is still open: by comparing, save for a few days whose
    windows end about now."""
    closed, opened = doubtful(window, now)
    ending = sql("{} > {}::timestamptz", end_sql(window, occurred_at), now)
    if closed is not None:
        ending = sql("({} > {}::timestamptz AND {})", occurred_at, closed, ending)
    if opened is None:
        return ending
    return sql("({} > {}::timestamptz OR {})", occurred_at, opened, ending)


#: The days by which windows are tried: those of Python, with room for the margin.
DAYS = range(10, date.max.toordinal() - 10)


def doubtful(window: Window, now: datetime) -> tuple[datetime | None, datetime | None]:
    """What begins by the first moment is over now, and what begins after the second is open.

    Ends are in the order of the beginnings, save for less than the margin. None: no such moment.
    """

    def ends_after(day: int, moment: datetime) -> bool:
        end = window.end(_noon(day))
        return end is None or end > moment

    first = bisect_left(DAYS, True, key=lambda day: ends_after(day, now - MARGIN))
    last = bisect_left(DAYS, True, key=lambda day: ends_after(day, now + MARGIN))
    closed = _noon(DAYS[first]) - MARGIN if first else None
    return closed, _noon(DAYS[last]) + MARGIN if last < len(DAYS) else None


def _noon(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(12), timezone.utc)
