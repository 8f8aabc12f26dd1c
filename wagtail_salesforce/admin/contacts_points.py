"""The points of a contact, score by score, and how they came about."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.admin.contacts_query import default_score
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.reasons import Reason, explain


@dataclass(frozen=True)
class ScoreOfContact:
    """What a contact holds in a score. `settled` is False while old points may still show."""

    score: Score
    points: int
    reasons: tuple[Reason, ...]
    settled: bool


def points_by_score(contact: Contact) -> list[ScoreOfContact]:
    """Every enabled score with the contact's points, the score in use and the highest first.

    Reasons are looked up only where the contact has, or had, points.
    """
    rows = ScorePoints.objects.in_force().filter(contact=contact, score__enabled=True)
    held = dict(rows.values_list("score_id", "points"))
    in_use = default_score()
    scores = Score.objects.filter(enabled=True).order_by("name")
    ranked = sorted(scores, key=lambda score: (score != in_use, -held.get(score.pk, 0)))
    return [_of(contact, score, held.get(score.pk)) for score in ranked]


def _of(contact: Contact, score: Score, points: int | None) -> ScoreOfContact:
    settled = score.status == Score.Status.READY
    reasons = () if points is None else tuple(explain(contact, score))
    return ScoreOfContact(score, points or 0, reasons, settled)
