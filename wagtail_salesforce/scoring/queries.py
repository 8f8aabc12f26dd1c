"""Who has how many points: exact and through the indexes.

Points whose `expires_at` has passed are not known until `refresh_expired` has looked at them,
within a minute or so (`expiry`);
they count for nobody.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score, ScorePoints


def points_at_least(
    score: Score, minimum: int, now: datetime | None = None, *, contact: str = "pk"
) -> Q:
    """The condition that a contact's unexpired points in a score reach a minimum.

    `contact` names the column that holds the contact's id: "pk" in a query of contacts,
    "contact_id" in one of rows that refer to them. No points at all count as 0 points.
    """
    now = now or timezone.now()
    held = ScorePoints.objects.in_force(score).filter(contact_id=OuterRef(contact))
    unknown = Q(expires_at__lte=now)
    if minimum > 0:
        return Q(Exists(held.filter(points__gte=minimum).exclude(unknown)))
    return ~Q(Exists(held.filter(Q(points__lt=minimum) | unknown)))


def contacts_with_points(
    score: Score, minimum: int, now: datetime | None = None
) -> QuerySet[Contact]:
    """The contacts whose unexpired points in a score reach a minimum."""
    return Contact.objects.filter(points_at_least(score, minimum, now))


def holders(score: Score, minimum: int | None = None) -> QuerySet[ScorePoints]:
    """The rows of a score with their contacts, most points first, for lists of a score's contacts.

    Without a minimum, everybody who has a row. Shows the points as last computed.
    """
    rows = ScorePoints.objects.in_force(score).select_related("contact")
    rows = rows if minimum is None else rows.filter(points__gte=minimum)
    return rows.order_by("-points", "contact_id")
