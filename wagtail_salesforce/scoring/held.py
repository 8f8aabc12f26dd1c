"""The points a contact holds in a score, as plain values; and their form in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from wagtail_salesforce.scoring.rules import RuleResult


# The column is a 32-bit integer on most databases.
TOTAL_BOUND = 2_000_000_000


class Share(NamedTuple):
    """What one rule gives, and when that changes next (None: not by itself)."""

    points: int
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Held:
    """A contact's total in a score, when it changes next by itself, and the shares by rule id."""

    points: int = 0
    expires_at: datetime | None = None
    shares: Mapping[int, Share] = field(default_factory=dict)

    @classmethod
    def of(cls, shares: Mapping[int, Share]) -> Held:
        """The sum of these shares."""
        total = sum(share.points for share in shares.values())
        changes = [share.expires_at for share in shares.values() if share.expires_at]
        points = max(-TOTAL_BOUND, min(TOTAL_BOUND, total))
        return cls(points, min(changes, default=None), shares)

    @classmethod
    def from_row(cls, points: int, expires_at: datetime | None, shares: Any) -> Held:
        """From the columns of a ScorePoints row."""
        read = {
            int(rule_id): Share(given, datetime.fromisoformat(change) if change else None)
            for rule_id, (given, change) in shares.items()
        }
        return cls(points, expires_at, read)

    def shares_json(self) -> dict[str, list[Any]]:
        """The form of ScorePoints.shares."""
        return {
            str(rule_id): [share.points, share.expires_at and share.expires_at.isoformat()]
            for rule_id, share in self.shares.items()
        }

    def expired(self, rule_id: int, now: datetime) -> bool:
        """Whether the share of this rule has to be looked at again."""
        share = self.shares.get(rule_id)
        return share is not None and share.expires_at is not None and share.expires_at <= now

    def with_results(self, rule_ids: Iterable[int], results: Mapping[int, RuleResult]) -> Held:
        """The new total: these results, and the shares held so far of the other rules.

        `rule_ids` are the rules that exist; shares of other rules fall away.
        """
        shares = {}
        for rule_id in rule_ids:
            share = self.shares.get(rule_id, Share(0))
            if rule_id in results:
                share = Share(results[rule_id].points, results[rule_id].expires_at)
            if share != Share(0):
                shares[rule_id] = share
        return Held.of(shares)
