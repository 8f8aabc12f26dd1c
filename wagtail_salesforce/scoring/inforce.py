"""The rules in force, and the lock under which points are computed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Rule, Score


@dataclass(frozen=True)
class ScoreRules:
    """A score and its rules as stored."""

    score: Score
    rules: list[Rule] = field(default_factory=list)


def enabled_scores() -> list[ScoreRules]:
    """All enabled scores that have rules, in one statement."""
    found: dict[int, ScoreRules] = {}
    for rule in Rule.objects.filter(score__enabled=True).select_related("score").order_by("pk"):
        found.setdefault(rule.score_id, ScoreRules(rule.score)).rules.append(rule)
    return list(found.values())


def lock(contact_ids: Collection[int]) -> set[int]:
    """Hold these contacts until the transaction ends, so that nobody's points get lost.

    Two who count a contact's activities at the same time would each miss the other's. Returns
    the contacts held: none when no score is enabled. SQLite has one writer at a time anyway.

    On MySQL and MariaDB, two transactions that both save an activity of one contact before
    either holds the contact are a deadlock, and the database undoes one of them. Code that saves
    activities in a transaction of its own should hold the contact first, as `capture()` does.
    """
    if not contact_ids or not connection.features.has_select_for_update:
        return set(contact_ids)
    # Without the key: rows that refer to the contact may still be written meanwhile.
    held = Contact.objects.select_for_update(
        no_key=connection.features.has_select_for_no_key_update
    ).filter(Exists(Score.objects.filter(enabled=True)), pk__in=contact_ids)
    return set(held.order_by("pk").values_list("pk", flat=True))
