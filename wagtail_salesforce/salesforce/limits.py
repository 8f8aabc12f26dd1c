"""The org's daily allowance of API calls."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Usage:
    """API calls used in the rolling 24 hours, and how many the org has."""

    used: int
    max: int

    @property
    def remaining(self) -> int:
        """Calls left; below 0 when a paid org has overshot (Salesforce permits some)."""
        return self.max - self.used


# A second part, `per-app-api-usage=17/250(appName=x)`, may stand before or after.
_API_USAGE = re.compile(r"(?<![\w-])api-usage\s*=\s*(\d+)\s*/\s*(\d+)")


def parse_limit_info(header: str | None) -> Usage | None:
    """Read `Sforce-Limit-Info: api-usage=10018/100000`; None when it says nothing.

    REST guide, "Limit Info Header": comes with every REST answer but that of /services/data/.
    """
    found = _API_USAGE.search(header or "")
    return Usage(int(found[1]), int(found[2])) if found else None


class Meter:
    """Counts the calls that go toward the allowance, also when several threads make them.

    `guard` is asked before every one of them, repeats included, and raises to forbid it. It gets
    the usage by the last answer and how many calls have begun that it may not know of.
    """

    def __init__(self) -> None:
        self.usage: Usage | None = None
        #: When an answer last told it.
        self.told_at: datetime | None = None
        self.calls = 0
        self.guard: Callable[[Usage | None, int], None] | None = None
        self._unknown = 0
        self._under_way = 0
        self._answers = 0
        self._lock = threading.Lock()

    def begin(self) -> int:
        """A call is about to leave; how many answers had come by then, for `told`.

        Raises what the guard raises.
        """
        with self._lock:
            if self.guard:
                self.guard(self.usage, self._unknown)
            self.calls += 1
            self._unknown += 1
            self._under_way += 1
            return self._answers

    def end(self) -> None:
        """The call is over, answered or not. One without an answer may have been counted."""
        with self._lock:
            self._under_way -= 1

    def told(self, usage: Usage, begun: int) -> None:
        """The answer of a call told the usage; those still under way may be in it or not.

        `begun` is what `begin` returned for the call. Answers may overtake each other: of calls
        that were under way together the highest counts, and knows of those with less.
        """
        with self._lock:
            others = max(self._under_way - 1, 0)
            alone = begun == self._answers and not others
            self.told_at = timezone.now()
            self._answers += 1
            if self.usage is None or alone or usage.used >= self.usage.used:
                self.usage = usage
                self._unknown = others
            else:
                self._unknown = max(self._unknown - 1, others)
