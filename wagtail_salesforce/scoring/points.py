"""Computes the points of many contacts at once and writes what has changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from wagtail_salesforce.scoring.activities import Activities
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.evaluate import columns_of, evaluate
from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.inforce import ScoreRules, is_ready
from wagtail_salesforce.scoring.load import ContactRow, read_contacts
from wagtail_salesforce.scoring.models import Rule, ScorePoints
from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule, RuleResult
from wagtail_salesforce.scoring.tell import PointsChange, tell


CHUNK = 1000

Concerned = Callable[[int, Rule], bool]


def recompute(
    contact_ids: Collection[int],
    scores: Sequence[ScoreRules],
    concerned: Concerned,
    now: datetime,
) -> list[PointsChange]:
    """Bring the points of these contacts up to date and tell who is interested.

    `concerned` says which rules to evaluate for a contact; rules whose points have expired are
    evaluated in any case. In a score that is not ready all rules are, so that nobody ever holds
    a mixture. The rows in force are by the rules in force; while the score is recalculated, the
    rows that will be in force are written too, by the rules as stored. The caller holds the
    contacts (`lock`) in a transaction. At most four statements, however many contacts and rules
    there are.
    """
    parts = [part for entry in scores for part in parts_of(entry)]
    batch = Batch.read(contact_ids, parts, concerned, now)
    computed = list(batch.computed())
    write([row for each in computed for row in each.rows()])
    changes = [each.change for each in computed if each.before.points != each.after.points]
    tell([entry.score for entry in scores], changes)
    return changes


def build(contact_ids: Collection[int], entry: ScoreRules, now: datetime) -> None:
    """Write the rows of the generation that a recalculation builds; nothing is told yet.

    Contacts that hold a row now get one in any case. The caller holds the contacts.
    """
    generation = entry.score.building
    assert generation is not None
    part = Part(entry, entry.rules, building=True)
    batch = Batch.read(contact_ids, [part], lambda contact_id, rule: True, now)
    kept = (each for each in batch.computed() if each.known or each.after.shares)
    write([Row(each.score_id, each.contact_id, generation, each.after) for each in kept])


class Row(NamedTuple):
    """A row to write."""

    score_id: int
    contact_id: int
    generation: int
    held: Held


@dataclass(frozen=True)
class Computed:
    """What a contact held in a score (`known`: in a row) and holds now, and the generations of
    rows that are to be written."""

    score_id: int
    contact_id: int
    known: bool
    before: Held
    after: Held
    generations: tuple[int, ...]

    def rows(self) -> Iterator[Row]:
        for generation in self.generations:
            yield Row(self.score_id, self.contact_id, generation, self.after)

    @property
    def change(self) -> PointsChange:
        return PointsChange(self.score_id, self.contact_id, self.before.points, self.after.points)


@dataclass(frozen=True)
class Part:
    """Rules of a score to put to contacts: for the rows in force, or for those that a
    recalculation is `building`, where these are by other rules."""

    entry: ScoreRules
    rules: Sequence[Rule]
    building: bool = False


def parts_of(entry: ScoreRules) -> list[Part]:
    """While a score is recalculated by new rules, those in force and the new ones."""
    parts = [Part(entry, entry.in_force)]
    if entry.score.building is not None and entry.has_new_rules:
        parts.append(Part(entry, entry.rules, building=True))
    return parts


#: A rule's id, and whether the rule as stored is meant or the one in force.
RuleKey = tuple[bool, int]


@dataclass(frozen=True)
class Batch:
    """Contacts with what they hold, and the rules to put to them (None: broken)."""

    parts: Sequence[Part]
    concerned: Concerned
    now: datetime
    rows: Mapping[int, ContactRow]
    compiled: Mapping[RuleKey, PointsRule | None]

    @classmethod
    def read(
        cls,
        contact_ids: Collection[int],
        parts: Sequence[Part],
        concerned: Concerned,
        now: datetime,
    ) -> Batch:
        scores = {part.entry.score.pk: part.entry.score for part in parts}
        asked = [
            rule
            for part in parts
            for rule in part.rules
            if not is_ready(part.entry.score) or any(concerned(pk, rule) for pk in contact_ids)
        ]
        rows, types = read_contacts(contact_ids, scores.values(), columns_of(asked))
        compiled = {
            (part.building, rule.pk): compile_rule(rule, types)
            for part in parts
            for rule in part.rules
        }
        return cls(parts, concerned, now, rows, compiled)

    def computed(self) -> Iterator[Computed]:
        """What every contact holds in every score, before and now."""
        todo = {contact_id: self._todo(contact_id, row) for contact_id, row in self.rows.items()}
        activities = self._activities(todo)
        for contact_id, row in self.rows.items():
            done = activities.of(contact_id)
            results = {
                key: evaluate(self.compiled[key], row.facts, done, self.now)
                for key in todo[contact_id]
            }
            for part in self.parts:
                yield _computed(part, contact_id, row, results)

    def _todo(self, contact_id: int, row: ContactRow) -> set[RuleKey]:
        """The rules to evaluate for a contact."""
        return {
            (part.building, pk) for part in self.parts for pk in self._asked(part, contact_id, row)
        }

    def _asked(self, part: Part, contact_id: int, row: ContactRow) -> set[int]:
        entry = part.entry
        held = row.held.get(entry.score.pk, NOTHING)
        asked = {
            rule.pk
            for rule in entry.in_force
            if self.concerned(contact_id, rule) or held.expired(rule.pk, self.now)
        }
        if part.building:
            asked |= {rule.pk for rule in part.rules if self.concerned(contact_id, rule)}
        whole = asked and not is_ready(entry.score)
        return {rule.pk for rule in part.rules} if whole else asked

    def _activities(self, todo: Mapping[int, set[RuleKey]]) -> Activities:
        asked = [self.compiled[key] for key in sorted(set().union(*todo.values()))]
        rules = [rule for rule in asked if isinstance(rule, ActivityRule)]
        return Activities([pk for pk, keys in todo.items() if keys], rules, self.now)


NOTHING = Held()


def _computed(
    part: Part, contact_id: int, row: ContactRow, found: Mapping[RuleKey, RuleResult]
) -> Computed:
    score = part.entry.score
    results = {pk: result for (building, pk), result in found.items() if building == part.building}
    before = row.held.get(score.pk, NOTHING)
    after = before.with_results([rule.pk for rule in part.rules], results)
    evaluated = any(rule.pk in results for rule in part.rules)
    generations = _generations(part, after != before, evaluated)
    # What is being built is told once it is in force.
    before = after if part.building else before
    return Computed(score.pk, contact_id, score.pk in row.held, before, after, generations)


def _generations(part: Part, changed: bool, evaluated: bool) -> tuple[int, ...]:
    """What to write: the rows in force where they change, and those that will be in force in any
    case, as the recalculation may have come past before the change. The former rows follow until
    they are swept away, as only what the switch changed is to be told then."""
    score = part.entry.score
    former, building = score.former_generation, score.building
    now = [score.generation, *([] if former is None else [former])] if changed else []
    now = [] if part.building else now
    both = part.building or not part.entry.has_new_rules
    return (*now, building) if building is not None and both and evaluated else tuple(now)


def write(given: Sequence[Row]) -> None:
    """Write these rows, in one statement."""
    rows = [
        ScorePoints(
            score_id=row.score_id,
            contact_id=row.contact_id,
            generation=row.generation,
            points=row.held.points,
            expires_at=row.held.expires_at,
            shares=row.held.shares_json(),
        )
        for row in given
    ]
    target = connection.features.supports_update_conflicts_with_target
    if rows:
        ScorePoints.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["contact", "score", "generation"] if target else None,
            update_fields=["points", "expires_at", "shares"],
        )
