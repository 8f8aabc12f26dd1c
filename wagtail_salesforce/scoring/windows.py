"""How long the points of an activity are valid: calendar arithmetic in the site's time zone."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo


LONGEST_DAYS = {"days": 1, "weeks": 7, "months": 31, "years": 366}
# Time zones and clamping move an end by less than this.
MARGIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Window:
    """So many days, weeks, months or years (`unit`) after an activity.

    The end has the same time of day on the wall clock of `zone`; where its month is too short
    for the day (31 January plus one month), it is the month's last day. A time that comes twice
    (when clocks go back) means the first, one that does not come the time it would have been.
    """

    amount: int
    unit: str
    zone: tzinfo

    def end(self, moment: datetime) -> datetime | None:
        """When a window that begins at this moment ends; None when later than years go."""
        local = moment.astimezone(self.zone)
        try:
            day = self._day(local.date())
            wall = local.time().replace(fold=0)
            return datetime.combine(day, wall, self.zone).astimezone(timezone.utc)
        except (OverflowError, ValueError):
            return None

    def earliest_start(self, now: datetime) -> datetime | None:
        """No window that began before this is still open; None when there is no such moment."""
        try:
            return now - timedelta(days=self.amount * LONGEST_DAYS[self.unit]) - MARGIN
        except OverflowError:
            return None

    def _day(self, start: date) -> date:
        if self.unit == "days":
            return start + timedelta(days=self.amount)
        if self.unit == "weeks":
            return start + timedelta(weeks=self.amount)
        return _months_later(start, self.amount * (12 if self.unit == "years" else 1))


def _months_later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
