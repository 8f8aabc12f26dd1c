"""The org's daily allowance of API calls."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
