"""Dates and times as Salesforce writes and reads them.

Source: REST guide, "Valid Date and DateTime Formats". What goes out looks like
``2024-01-01T00:00:00.000+0000``. Kept in that very form, moments sort as plain text.
"""

import re
from datetime import date, datetime, time, timezone


DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME_PATTERN = re.compile(r"\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z", re.ASCII)
DATETIME_PATTERN = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def format_moment(moment: datetime) -> str:
    """A datetime as REST answers carry it: UTC, whole seconds, ``.000+0000``."""
    # Source: Object reference, "Primitive Data Types": a precision of one second.
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_moment(text: str) -> datetime | None:
    """A datetime of the accepted form, or None for any other text."""
    match = DATETIME_PATTERN.fullmatch(text)
    if match is None:
        return None
    zone = "+00:00" if match[2] == "Z" else match[2]
    try:
        return datetime.fromisoformat(match[1] + zone).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def parse_date(text: str) -> date | None:
    """A ``yyyy-MM-dd`` date, or None for any other text."""
    if DATE_PATTERN.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """A time of day of the form ``HH:mm:ss.SSSZ``, or None for any other text."""
    # Assumption time-form: the zone is always Z; fractions of a second may be left out.
    if TIME_PATTERN.fullmatch(text) is None:
        return None
    try:
        return time.fromisoformat(text[:8])
    except ValueError:
        return None


def day_start(day: date) -> datetime:
    """Midnight UTC at the start of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
