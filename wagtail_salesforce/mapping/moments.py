"""Dates and times as Salesforce takes them.

REST guide, "Valid Date and DateTime Formats"; SOQL guide, "Date Formats": valid years are 1700
to 4000, and Salesforce keeps whole seconds (Object reference, "Primitive Data Types").
"""

from __future__ import annotations

from datetime import date, datetime, time, timezone, tzinfo


FIRST_YEAR, LAST_YEAR = 1700, 4000
# "These values are offset by your time zone": a day's margin is right in every zone.
_FIRST = datetime(FIRST_YEAR, 1, 2, tzinfo=timezone.utc)
_LAST = datetime(LAST_YEAR, 12, 30, tzinfo=timezone.utc)


class OutOfRange(ValueError):
    """The date lies outside what Salesforce takes."""


def date_text(value: date | datetime, zone: tzinfo) -> str:
    """`yyyy-MM-dd`: the calendar day, for a moment the one in the site's time zone.

    Raises OutOfRange.
    """
    try:
        day = _aware(value, zone).astimezone(zone) if isinstance(value, datetime) else value
    except OverflowError:
        raise OutOfRange from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise OutOfRange
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def datetime_text(value: date | datetime, zone: tzinfo) -> str:
    """`yyyy-MM-ddTHH:mm:ssZ`; a plain date is midnight of that day in the site's time zone.

    Raises OutOfRange.
    """
    try:
        moment = _aware(value, zone).astimezone(timezone.utc)
    except OverflowError:
        raise OutOfRange from None
    if not _FIRST <= moment <= _LAST:
        raise OutOfRange
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _aware(value: date | datetime, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return value if value.utcoffset() is not None else value.replace(tzinfo=zone)
