"""Keeps points up to date as contacts and activities change and as points expire.

Statements for a change of one contact, whatever the number of rules: the rules; the contact with
the points held; sums of activities; single activities, where a rule has a window or tests; the
new points. One more where the contact's row is not held yet (`ContactChange.locked`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from wagtail_salesforce.contacts.changes import Changes, ContactChange
from wagtail_salesforce.scoring.comparisons import comparisons
from wagtail_salesforce.scoring.inforce import ScoreRules, enabled_scores, lock
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.points import CHUNK, PointsChange, recompute


__all__ = ["PointsChange", "refresh_expired", "refresh_points"]

ATTRIBUTES = "attributes"


def refresh_points(changes: Changes) -> None:
    """Recompute the points of the rules concerned, for the contacts concerned.

    In a score that waits for its recalculation, all rules of the contact are evaluated, so that
    nobody ever holds a mixture of old and new rules.
    """
    for part in _parts(changes):
        with transaction.atomic(savepoint=False):
            _refresh(part)


def _parts(changes: Changes) -> Iterator[Changes]:
    ids = sorted(changes)
    for start in range(0, len(ids), CHUNK):
        yield {pk: changes[pk] for pk in ids[start : start + CHUNK]}


def _refresh(changes: Changes) -> None:
    # The contacts are held before the rules are read: a recalculation that follows a change of
    # the rules has to wait for us, so our reading cannot overwrite its result.
    held = {pk for pk, change in changes.items() if change.locked}
    held |= lock(changes.keys() - held)
    scores = _concerned_scores(changes, enabled_scores()) if held else []
    if scores:
        recompute(sorted(held), scores, _Concerned(changes, scores), timezone.now())


def _concerned_scores(changes: Changes, scores: list[ScoreRules]) -> list[ScoreRules]:
    return [entry for entry in scores if _any_concerned(changes, entry.rules)]


def _any_concerned(changes: Changes, rules: list[Rule]) -> bool:
    return any(is_concerned(rule, change) for rule in rules for change in changes.values())


class _Concerned:
    """Which rules to evaluate for a contact after these changes."""

    def __init__(self, changes: Changes, scores: list[ScoreRules]) -> None:
        self._changes = changes
        self._whole = {entry.score.pk: entry.rules for entry in scores if not _ready(entry.score)}

    def __call__(self, contact_id: int, rule: Rule) -> bool:
        change = self._changes[contact_id]
        return any(is_concerned(each, change) for each in self._whole.get(rule.score_id, [rule]))


def _ready(score: Score) -> bool:
    return score.status == Score.Status.READY


def is_concerned(rule: Rule, change: ContactChange) -> bool:
    """Whether a change may alter what the rule gives."""
    if rule.kind == Rule.Kind.ACTIVITY:
        return rule.activity_type in change.activity_types
    if not change.fields:
        return False
    return "*" in change.fields or not change.fields.isdisjoint(_reads(rule))


def _reads(rule: Rule) -> Iterator[str]:
    """The names under which changes of what a rule looks at are told."""
    for comparison in comparisons(rule):
        name = comparison.get("field")
        by_attribute = comparison.get("source") == Rule.Source.ATTRIBUTE
        yield ATTRIBUTES if by_attribute else str(name)


def refresh_expired(now: datetime | None = None, limit: int = 10_000) -> int:
    """Recompute points whose `expires_at` has passed; how many were looked at.

    At most `limit` in one call; call again while it returns as many.
    """
    now = now or timezone.now()
    done = 0
    for score in Score.objects.filter(enabled=True):
        while done < limit and (ids := _expired(score, now, min(CHUNK, limit - done))):
            _refresh_expired(score, ids, now)
            done += len(ids)
    return done


def _expired(score: Score, now: datetime, limit: int) -> list[int]:
    rows = ScorePoints.objects.filter(score=score, expires_at__lte=now).order_by("expires_at")
    return list(rows.values_list("contact_id", flat=True)[:limit])


def _refresh_expired(score: Score, contact_ids: list[int], now: datetime) -> None:
    with transaction.atomic():
        held = lock(contact_ids)
        score.refresh_from_db()
        entry = ScoreRules(score, list(score.rules.order_by("pk")))
        whole = not _ready(score)
        recompute(sorted(held), [entry], lambda contact_id, rule: whole, now)
