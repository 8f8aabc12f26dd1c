"""Computes the points of many contacts at once and writes what has changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from wagtail_salesforce.scoring.activities import Activities
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.evaluate import columns_of, evaluate
from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.load import ContactRow, read_contacts
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule, RuleResult
from wagtail_salesforce.signals import points_changed, threshold_crossed


CHUNK = 1000

Concerned = Callable[[int, Rule], bool]


@dataclass(frozen=True)
class PointsChange:
    """A contact's total in a score became another one."""

    score_id: int
    contact_id: int
    before: int
    after: int


def recompute(
    contact_ids: Collection[int],
    scores: Sequence[ScoreRules],
    concerned: Concerned,
    now: datetime,
) -> list[PointsChange]:
    """Bring the points of these contacts up to date and tell who is interested.

    `concerned` says which rules to evaluate for a contact; rules whose points have expired are
    evaluated in any case. The caller holds the contacts (`lock`) in a transaction. At most four
    statements, however many contacts and rules there are.
    """
    batch = Batch.read(contact_ids, scores, concerned, now)
    written = list(batch.written())
    _write(written)
    return _tell(scores, written)


@dataclass(frozen=True)
class Written:
    """A row to write, and what the contact held before."""

    score_id: int
    contact_id: int
    before: Held
    after: Held


@dataclass(frozen=True)
class Batch:
    """Contacts with what they hold, and the rules to put to them (None: broken)."""

    scores: Sequence[ScoreRules]
    concerned: Concerned
    now: datetime
    rows: Mapping[int, ContactRow]
    compiled: Mapping[int, PointsRule | None]

    @classmethod
    def read(
        cls,
        contact_ids: Collection[int],
        scores: Sequence[ScoreRules],
        concerned: Concerned,
        now: datetime,
    ) -> Batch:
        rules = [rule for entry in scores for rule in entry.rules]
        asked = [rule for rule in rules if any(concerned(pk, rule) for pk in contact_ids)]
        score_ids = [entry.score.pk for entry in scores]
        rows, types = read_contacts(contact_ids, score_ids, columns_of(asked))
        compiled = {rule.pk: compile_rule(rule, types) for rule in rules}
        return cls(scores, concerned, now, rows, compiled)

    def written(self) -> Iterator[Written]:
        """The rows that are to be written because something has changed."""
        todo = {contact_id: self._todo(contact_id, row) for contact_id, row in self.rows.items()}
        activities = self._activities(todo)
        for contact_id, row in self.rows.items():
            done = activities.of(contact_id)
            results = {
                pk: evaluate(self.compiled[pk], row.facts, done, self.now)
                for pk in todo[contact_id]
            }
            yield from self._differences(contact_id, row, results)

    def _todo(self, contact_id: int, row: ContactRow) -> set[int]:
        """The ids of the rules to evaluate for a contact."""
        return {
            rule.pk
            for entry in self.scores
            for rule in entry.rules
            if self.concerned(contact_id, rule)
            or row.held.get(entry.score.pk, NOTHING).expired(rule.pk, self.now)
        }

    def _activities(self, todo: Mapping[int, set[int]]) -> Activities:
        asked = [self.compiled[pk] for pk in sorted(set().union(*todo.values()))]
        rules = [rule for rule in asked if isinstance(rule, ActivityRule)]
        return Activities([pk for pk, ids in todo.items() if ids], rules, self.now)

    def _differences(
        self, contact_id: int, row: ContactRow, results: Mapping[int, RuleResult]
    ) -> Iterator[Written]:
        for entry in self.scores:
            before = row.held.get(entry.score.pk, NOTHING)
            after = before.with_results([rule.pk for rule in entry.rules], results)
            if after != before:
                yield Written(entry.score.pk, contact_id, before, after)


NOTHING = Held()


def _write(written: Sequence[Written]) -> None:
    rows = [
        ScorePoints(
            score_id=row.score_id,
            contact_id=row.contact_id,
            points=row.after.points,
            expires_at=row.after.expires_at,
            shares=row.after.shares_json(),
        )
        for row in written
    ]
    target = connection.features.supports_update_conflicts_with_target
    if rows:
        ScorePoints.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["contact", "score"] if target else None,
            update_fields=["points", "expires_at", "shares"],
        )


def _tell(scores: Sequence[ScoreRules], written: Sequence[Written]) -> list[PointsChange]:
    changes = [
        PointsChange(row.score_id, row.contact_id, row.before.points, row.after.points)
        for row in written
        if row.before.points != row.after.points
    ]
    if changes:
        points_changed.send(sender=PointsChange, changes=changes)
        _tell_crossings({entry.score.pk: entry.score for entry in scores}, changes)
    return changes


def _tell_crossings(scores: Mapping[int, Score], changes: Iterable[PointsChange]) -> None:
    for change in changes:
        score = scores[change.score_id]
        limit = score.notify_at
        if limit is not None and change.before < limit <= change.after:
            threshold_crossed.send(
                sender=Score, score=score, contact_id=change.contact_id, points=change.after
            )
