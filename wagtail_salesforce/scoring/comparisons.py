"""What a stored rule looks at, without reading it in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail_salesforce.scoring.models import Rule


DEEPEST = 10


def comparisons(rule: Rule) -> Iterator[dict[str, Any]]:
    """All comparisons of an attribute or condition rule as stored, however wrong they may be."""
    if rule.kind == Rule.Kind.ATTRIBUTE:
        yield comparison_of(rule)
    elif rule.kind == Rule.Kind.CONDITION:
        yield from _leaves(rule.condition)


def _leaves(raw: Any, depth: int = 1) -> Iterator[dict[str, Any]]:
    if not isinstance(raw, dict) or depth > DEEPEST:
        return
    parts = raw.get("all", raw.get("any"))
    if not isinstance(parts, list):
        yield raw
        return
    for part in parts:
        yield from _leaves(part, depth + 1)


def comparison_of(rule: Rule) -> dict[str, Any]:
    source = rule.source or Rule.Source.FIELD
    return {"source": source, "field": rule.field, "test": rule.test, "value": rule.value}
