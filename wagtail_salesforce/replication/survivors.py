"""Which lead is left of one that was merged into another, which may have been merged itself.

Ids of 15 characters name the same records as those of 18, whose last three guard the case of the
letters; links may hold either (Salesforce answers 18).
"""

from __future__ import annotations

from collections.abc import Callable


#: Asks Salesforce into which leads these were merged: lead ids -> surviving id or "".
FindMasters = Callable[[list[str]], dict[str, str]]

SHORT = 15


def survivors(lead_ids: list[str], find_masters: FindMasters) -> dict[str, str]:
    """The lead that is left of each, "" where none is. One question, and one more for each
    generation of merged leads. Raises what `find_masters` raises."""
    found: dict[str, str] = {}
    asking = set(lead_ids)
    while asking:
        found |= dict.fromkeys((each[:SHORT] for each in asking), "")
        found |= {each[:SHORT]: master for each, master in find_masters(sorted(asking)).items()}
        asking = {master for master in found.values() if master and master[:SHORT] not in found}
    return {lead_id: _last(lead_id, found) for lead_id in lead_ids}


def _last(lead_id: str, found: dict[str, str]) -> str:
    last, passed = "", {lead_id[:SHORT]}
    while (master := found.get((last or lead_id)[:SHORT], "")) and master[:SHORT] not in passed:
        last = master
        passed.add(master[:SHORT])
    return last
