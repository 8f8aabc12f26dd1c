"""Tells who is interested that points of contacts have become others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.notify import notify_of_crossings
from wagtail_salesforce.signals import points_changed, threshold_crossed


@dataclass(frozen=True)
class PointsChange:
    """A contact's total in a score became another one."""

    score_id: int
    contact_id: int
    before: int
    after: int


def tell(scores: Iterable[Score], changes: Sequence[PointsChange]) -> None:
    """Send `points_changed` once and `threshold_crossed` for each contact that reached a limit.

    Each change is told in the transaction that makes it known and never again, so a crossing is
    told once, however often the points are computed.
    """
    if changes:
        points_changed.send(sender=PointsChange, changes=list(changes))
        _tell_crossings({score.pk: score for score in scores}, changes)


def _tell_crossings(scores: Mapping[int, Score], changes: Iterable[PointsChange]) -> None:
    crossed: dict[int, list[int]] = {}
    for change in changes:
        score = scores[change.score_id]
        limit = score.notify_at
        if limit is not None and change.before < limit <= change.after:
            threshold_crossed.send(
                sender=Score, score=score, contact_id=change.contact_id, points=change.after
            )
            crossed.setdefault(change.score_id, []).append(change.contact_id)
    for score_id, contact_ids in crossed.items():
        notify_of_crossings(scores[score_id], contact_ids)
