"""Points expire by themselves: looked after every minute in the background."""

from __future__ import annotations

import time
from typing import Any

from wagtail_salesforce.background import SLICE_SECONDS
from wagtail_salesforce.scoring.update import refresh_expired


#: How many contacts are looked at between two looks at the clock.
PORTION = 2_000


def refresh_on_schedule() -> dict[str, Any]:
    """Recompute all points that have expired, for at most `SLICE_SECONDS`; the next run goes on.

    When nothing has expired: one statement, and two through indexes for each enabled score.
    """
    deadline = time.monotonic() + SLICE_SECONDS
    contacts = done = refresh_expired(limit=PORTION)
    while done == PORTION and time.monotonic() < deadline:
        done = refresh_expired(limit=PORTION)
        contacts += done
    return {"state": "finished", "contacts": contacts}
