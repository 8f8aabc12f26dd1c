"""Rules as they were when the points in force were computed, kept as JSON values in the score."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wagtail_salesforce.scoring.models import Rule


NOT_KEPT = frozenset({"score", "modified_at"})
KEPT = {field.name: field for field in Rule._meta.concrete_fields if field.name not in NOT_KEPT}


def snapshot_of(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The form of Score.rules_in_force: all that decides about points, with ids and names."""
    return [{name: _plain(getattr(rule, name)) for name in KEPT} for rule in rules]


def rules_of(snapshot: Iterable[dict[str, Any]]) -> list[Rule]:
    """Rules, not to be saved, from a snapshot. What it does not name is as in a new rule."""
    return [
        Rule(**{name: KEPT[name].to_python(kept[name]) for name in KEPT if name in kept})
        for kept in snapshot
    ]


def _plain(value: Any) -> Any:
    # To the microsecond, as rules are exact.
    return value.isoformat() if isinstance(value, datetime) else value
