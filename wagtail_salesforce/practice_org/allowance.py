"""The daily allowance of API calls: a rolling window of 24 hours.

Source: Salesforce app limits cheat sheet, "API Request Limits and Allocations"; REST guide,
"Limit Info Header".
"""

from collections import deque
from dataclasses import dataclass, field


DAY = 24 * 60 * 60
DEVELOPER_EDITION = 15_000


@dataclass
class Allowance:
    """How many calls there are, and when the spent ones were made."""

    maximum: int = DEVELOPER_EDITION
    spent: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0
    unsaved: list[tuple[int, int]] = field(default_factory=list)

    def used(self, now: float) -> int:
        """Calls of the last 24 hours."""
        while self.spent and self.spent[0][0] <= now - DAY:
            self.total -= self.spent.popleft()[1]
        return self.total

    def remaining(self, now: float) -> int:
        """Calls that are left."""
        return max(0, self.maximum - self.used(now))

    def spend(self, now: float, calls: int = 1) -> None:
        """Count calls made at this moment."""
        self._add(int(now), calls)
        self.unsaved.append((int(now), calls))

    def _add(self, second: int, calls: int) -> None:
        if self.spent and self.spent[-1][0] >= second:
            second, before = self.spent.pop()
            calls, self.total = calls + before, self.total - before
        self.spent.append((second, calls))
        self.total += calls

    def load(self, rows: list[tuple[int, int]]) -> None:
        """Take up what an earlier process counted."""
        self.spent.clear()
        self.total = 0
        for second, calls in rows:
            self._add(second, calls)

    def drain(self) -> list[tuple[int, int]]:
        """What was spent since the last drain."""
        unsaved, self.unsaved = self.unsaved, []
        return unsaved

    def limit_info(self, now: float) -> str:
        """The value of the ``Sforce-Limit-Info`` header."""
        return f"api-usage={self.used(now)}/{self.maximum}"
