"""Date words of SOQL: TODAY, LAST_N_DAYS:n and their kin, as half-open spans of days.

Source: SOQL reference, "Date Formats and Date Literals".
"""

from collections.abc import Callable
from datetime import date, timedelta


Span = tuple[date, date]


def _days(start: int, end: int) -> Callable[[date, int], Span]:
    return lambda today, _: (today + timedelta(days=start), today + timedelta(days=end))


def _last_days(today: date, count: int) -> Span:
    return today - timedelta(days=count), today + timedelta(days=1)


def _next_days(today: date, count: int) -> Span:
    return today + timedelta(days=1), today + timedelta(days=count + 1)


def _month(today: date, shift: int) -> Span:
    months = today.year * 12 + today.month - 1 + shift
    start = date(months // 12, months % 12 + 1, 1)
    following = months + 1
    return start, date(following // 12, following % 12 + 1, 1)


PERIODS: dict[str, Callable[[date, int], Span]] = {
    "TODAY": _days(0, 1),
    "YESTERDAY": _days(-1, 0),
    "TOMORROW": _days(1, 2),
    "LAST_N_DAYS": _last_days,
    "NEXT_N_DAYS": _next_days,
    "THIS_MONTH": lambda today, _: _month(today, 0),
    "LAST_MONTH": lambda today, _: _month(today, -1),
    "NEXT_MONTH": lambda today, _: _month(today, 1),
}


def period(text: str, today: date) -> Span | None:
    """The first day and the day after the last, or None for an unknown word."""
    name, _, count = text.partition(":")
    span = PERIODS.get(name)
    if span is None or bool(count) != name.endswith("_N_DAYS"):
        return None
    return span(today, int(count or 0))
