"""How contacts are found: the score whose points are shown, the search, and what a page loads."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import points_at_least


SEARCHED = ("first_name", "last_name", "email", "company_name")


def default_score() -> Score | None:
    """The score that chooses the contacts for replication, or else the first enabled one."""
    in_use = Exists(ReplicationSettings.objects.filter(pk=1, score=OuterRef("pk")))
    scores = Score.objects.annotate(in_use=in_use).filter(Q(enabled=True) | Q(in_use=True))
    return scores.order_by("-in_use", "name").first()


def with_points(contacts: QuerySet[Contact], score: Score | None) -> QuerySet[Contact]:
    """Attach to each contact `points_in_score`: a list with its row of the score, or empty."""
    held = ScorePoints.objects.filter(score=score) if score else ScorePoints.objects.none()
    return contacts.prefetch_related(Prefetch("score_points", held, to_attr="points_in_score"))


def with_lead_link(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Attach the lead links by one more statement: a join with LIMIT may scan on PostgreSQL."""
    return contacts.prefetch_related("lead_link")


def search(contacts: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """Contacts that match every word of the text.

    An e-mail address, whole or begun, is found through its index. Anything else is looked for
    inside names, e-mail addresses and company names. `#12` finds the contact of that number.
    """
    if text.startswith("#") and text[1:].isdecimal():
        return contacts.filter(pk=int(text[1:]))
    if "@" in text:
        return contacts.filter(email_key__startswith=email_key(text) or "@")
    for word in text.split():
        contacts = contacts.filter(_any_contains(word))
    return contacts


def _any_contains(word: str) -> Q:
    condition = Q()
    for field in SEARCHED:
        condition |= Q(**{f"{field}__icontains": word})
    return condition


def with_points_from(
    contacts: QuerySet[Contact], score: Score | None, minimum: int
) -> QuerySet[Contact]:
    """Contacts with at least so many points, as replication counts them: no points are 0."""
    if score is None:
        return contacts if minimum <= 0 else contacts.none()
    return contacts.filter(points_at_least(score, minimum))
