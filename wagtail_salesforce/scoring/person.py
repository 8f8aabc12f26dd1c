"""What is known of one person's points: exported for the person, and deleted with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.contacts.raw import delete_rows
from wagtail_salesforce.scoring.models import ScorePoints
from wagtail_salesforce.scoring.reasons import explain


def points_of(contact: Contact) -> list[dict[str, Any]]:
    """The points of a contact in each score, with their reasons, as JSON values."""
    held = ScorePoints.objects.in_force().filter(contact=contact).select_related("score")
    return [_points(contact, row) for row in held.order_by("score__name")]


def _points(contact: Contact, row: ScorePoints) -> dict[str, Any]:
    reasons = [
        {
            "rule": reason.rule,
            "points": reason.points,
            "reason": str(reason.text),
            "expires_at": reason.expires_at and reason.expires_at.isoformat(),
        }
        for reason in explain(contact, row.score)
    ]
    return {"score": row.score.name, "points": row.points, "reasons": reasons}


def keep_reached(survivor_id: int, other_id: int) -> None:
    """Two contacts are about to be one: what either has reached, the person has reached already.

    The survivor's points are raised to the other's until they are computed again from all
    activities, in the same transaction. So a limit that one of them reached earlier is not told
    a second time.
    """
    rows = ScorePoints.objects.filter(score__enabled=True, contact__in=[survivor_id, other_id])
    held = {(row.contact_id, row.score_id, row.generation): row for row in rows}
    for (contact_id, score_id, generation), row in held.items():
        if contact_id != other_id:
            continue
        own = held.get((survivor_id, score_id, generation))
        own = own or ScorePoints(
            contact_id=survivor_id, score_id=score_id, generation=generation, points=0
        )
        if row.points > own.points:
            own.points = row.points
            own.save()


def delete_points(contact_ids: Collection[int]) -> None:
    """The contacts are about to go: so are their points, also those of a recalculation."""
    delete_rows(ScorePoints.objects.filter(contact__in=contact_ids))
