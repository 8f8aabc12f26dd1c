"""Keeps points up to date as contacts and activities change and as points expire.

Statements for a change of one contact, whatever the number of rules: the rules; the contact with
the points held; sums of activities; single activities, where a rule has a window or tests; the
new points. One more where the contact's row is not held yet (`ContactChange.locked`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wagtail_salesforce.contacts.changes import Changes, ContactChange
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.scoring.comparisons import comparisons
from wagtail_salesforce.scoring.inforce import ScoreRules, enabled_scores, lock, scores_with_rules
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.points import CHUNK, recompute
from wagtail_salesforce.scoring.settle import settle, settle_early
from wagtail_salesforce.scoring.tell import PointsChange


__all__ = ["PointsChange", "refresh_expired", "refresh_points"]

ATTRIBUTES = "attributes"


def refresh_points(changes: Changes) -> None:
    """Recompute the points of the rules concerned, for the contacts concerned.

    In a score that is not ready, all rules in force are evaluated for a contact that changes.
    Changed rules count for nobody before the recalculation of everybody is complete.
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
        _settle(scores, held)
        recompute(sorted(held), scores, partial(_concerns, changes), timezone.now())


def _settle(scores: list[ScoreRules], contact_ids: Collection[int]) -> None:
    """What a recalculation changed for these contacts is told before what happens now."""
    for entry in scores:
        if entry.score.former_generation is not None:
            settle_early(entry.score, contact_ids)


def _concerns(changes: Changes, contact_id: int, rule: Rule) -> bool:
    return is_concerned(rule, changes[contact_id])


def _concerned_scores(changes: Changes, scores: list[ScoreRules]) -> list[ScoreRules]:
    return [entry for entry in scores if _any_concerned(changes, _all_rules(entry))]


def _all_rules(entry: ScoreRules) -> list[Rule]:
    return [*entry.in_force, *(entry.rules if entry.has_new_rules else [])]


def _any_concerned(changes: Changes, rules: list[Rule]) -> bool:
    return any(is_concerned(rule, change) for rule in rules for change in changes.values())


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

    At most `limit` in one call; call again while it returns as many. Settles also what is left
    of former generations of points.
    """
    now = now or timezone.now()
    done = 0
    for score in Score.objects.filter(enabled=True):
        _sweep(score)
        while done < limit and (ids := _expired(score, now, min(CHUNK, limit - done))):
            despite_collisions(partial(_refresh_expired, score, ids, now))
            done += len(ids)
    return done


def _expired(score: Score, now: datetime, limit: int) -> list[int]:
    rows = ScorePoints.objects.in_force(score).filter(expires_at__lte=now).order_by("expires_at")
    return list(rows.values_list("contact_id", flat=True)[:limit])


def _refresh_expired(score: Score, contact_ids: list[int], now: datetime) -> None:
    with transaction.atomic():
        held = lock(contact_ids)
        scores = scores_with_rules(Q(pk=score.pk))
        _settle(scores, held)
        recompute(sorted(held), scores, lambda contact_id, rule: False, now)


def _sweep(score: Score) -> None:
    """Rows that a recalculation could not see because they were committed after it. While it has
    its own to settle, they are left to it."""
    if score.former_generation is not None:
        return
    rows = ScorePoints.objects.filter(score=score, generation__lt=score.generation)
    ids = list(rows.values_list("contact_id", flat=True)[:CHUNK])
    if ids:
        despite_collisions(partial(_settle_left, score, ids))


def _settle_left(score: Score, contact_ids: Collection[int]) -> None:
    with transaction.atomic():
        settle(score, Q(contact_id__in=lock(contact_ids)))
