"""The rules in force, and the lock under which points are computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, When

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.snapshot import rules_of


def is_ready(score: Score) -> bool:
    """Whether the points are known to be by the rules as stored."""
    return score.status == Score.Status.READY


@dataclass(frozen=True)
class ScoreRules:
    """A score and its rules as stored."""

    score: Score
    rules: list[Rule] = field(default_factory=list)

    @cached_property
    def in_force(self) -> list[Rule]:
        """The rules by which the points in force are computed.

        Those of the last recalculation, while a change of the rules waits for the next; those
        stored where there was none, as nothing older is in force.
        """
        kept = None if is_ready(self.score) else self.score.rules_in_force
        return self.rules if kept is None else rules_of(kept)

    @property
    def has_new_rules(self) -> bool:
        """Whether those stored are not in force yet."""
        return self.in_force is not self.rules


def enabled_scores() -> list[ScoreRules]:
    """All enabled scores with their rules, in one statement."""
    return scores_with_rules(Q(enabled=True))


SCORE_COLUMNS = [each.attname for each in Score._meta.concrete_fields]
RULE_COLUMNS = [each.attname for each in Rule._meta.concrete_fields]


def scores_with_rules(chosen: Q) -> list[ScoreRules]:
    """These scores with their rules: in one statement, so that no change falls in between."""
    found: dict[int, ScoreRules] = {}
    rows = (
        Score.objects.filter(chosen)
        .annotate(kept=_once("rules_in_force"))
        .order_by("pk", "rules__pk")
    )
    names = ["kept" if name == "rules_in_force" else name for name in SCORE_COLUMNS]
    for row in rows.values_list(*names, *(f"rules__{name}" for name in RULE_COLUMNS)):
        score, rule = row[: len(names)], row[len(names) :]
        entry = ScoreRules(_made(Score, SCORE_COLUMNS, score))
        entry = found.setdefault(entry.score.pk, entry)
        if rule[0] is not None:
            entry.rules.append(_made(Rule, RULE_COLUMNS, rule))
    return list(found.values())


def _once(column: str) -> Case:
    """A large column, where it is needed, in the row of a score's first rule only."""
    earlier = Rule.objects.filter(score=OuterRef("pk"), pk__lt=OuterRef("rules__pk"))
    needed = ~Q(status=Score.Status.READY) & ~Exists(earlier)
    return Case(When(needed, then=F(column)), output_field=JSONField())


def _made(model: Any, columns: list[str], row: Iterable[Any]) -> Any:
    return model.from_db(connection.alias, columns, list(row))


def lock(contact_ids: Collection[int]) -> set[int]:
    """Hold these contacts until the transaction ends, so that nobody's points get lost.

    Two who count a contact's activities at the same time would each miss the other's. Returns
    the contacts held: none when no score is enabled. SQLite has one writer at a time anyway.

    On MySQL and MariaDB, two transactions that both save an activity of one contact before
    either holds the contact are a deadlock, and the database undoes one of them. Code that saves
    activities in a transaction of its own should hold the contact first, as `capture()` does.
    There also those who hold different contacts can be a deadlock, by the gaps that writing
    points locks between the rows: such work is done again (`despite_collisions`).
    """
    if not contact_ids or not connection.features.has_select_for_update:
        return set(contact_ids)
    # Without the key: rows that refer to the contact may still be written meanwhile.
    held = Contact.objects.select_for_update(
        no_key=connection.features.has_select_for_no_key_update
    ).filter(Exists(Score.objects.filter(enabled=True)), pk__in=contact_ids)
    return set(held.order_by("pk").values_list("pk", flat=True))
