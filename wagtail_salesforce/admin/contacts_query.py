"""How contacts are found: the score whose points are shown, the search, and what a page loads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Case, Exists, OuterRef, Prefetch, Q, QuerySet, When
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Company, CompanyMembership, Contact
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints


SEARCHED = ("first_name", "last_name", "email", "company_name")


def default_score() -> Score | None:
    """The score that chooses the contacts for replication, or else the first enabled one."""
    in_use = Exists(ReplicationSettings.objects.filter(pk=1, score=OuterRef("pk")))
    scores = Score.objects.annotate(in_use=in_use).filter(Q(enabled=True) | Q(in_use=True))
    return scores.order_by("-in_use", "name").first()


def with_points(contacts: QuerySet[Contact], score: Score | None) -> QuerySet[Contact]:
    """Attach to each contact `points_in_score`: a list with its row of the score, or empty."""
    held = ScorePoints.objects.in_force(score) if score else ScorePoints.objects.none()
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
        number = id_or_none(text[1:])
        return contacts.none() if number is None else contacts.filter(pk=number)
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


def begins(field: str, text: str) -> Q:
    """The condition that a column begins with the text, in a spelling that is likely.

    A comparison without regard to case has no index; these few with regard to it have one.
    """
    condition = Q()
    for spelling in dict.fromkeys((text, text.lower(), text.upper(), text.title())):
        condition |= Q(**{f"{field}__startswith": spelling})
    return condition


def with_company(contacts: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """Contacts whose own company name, or the name of a company of theirs, begins with the text.

    Each way is looked up through its own index; the found ids are put together.
    """
    own = Contact.objects.filter(begins("company_name", text)).order_by().values("pk")
    companies = Company.objects.filter(begins("name", text)).order_by()
    members = CompanyMembership.objects.filter(company__in=companies.values("pk"))
    standing = [
        companies.filter(**{f"{name}__isnull": False}).values(name)
        for name in ("primary_contact_id", "secondary_contact_id")
    ]
    return contacts.filter(pk__in=own.union(members.values("contact_id"), *standing))


def with_points_between(
    contacts: QuerySet[Contact], score: Score | None, least: int | None, most: int | None
) -> QuerySet[Contact]:
    """Contacts whose points are in a range, as replication counts them: no points are 0.

    Points that have expired since they were computed are not known and in no range.
    """
    if least is None and most is None:
        return contacts
    at_zero = (least is None or least <= 0) and (most is None or most >= 0)
    if score is None:
        return contacts if at_zero else contacts.none()
    held = ScorePoints.objects.in_force(score)
    unknown = Q(expires_at__lte=timezone.now())
    if at_zero:
        # Not "NOT IN", which PostgreSQL looks through once for every contact.
        own = held.filter(_outside(least, most) | unknown, contact_id=OuterRef("pk"))
        return contacts.filter(~Exists(own))
    return contacts.filter(
        pk__in=held.exclude(_outside(least, most) | unknown).values("contact_id")
    )


def _outside(least: int | None, most: int | None) -> Q:
    below = Q() if least is None else Q(points__lt=least)
    return below if most is None else below | Q(points__gt=most)


def with_consent(contacts: QuerySet[Contact], attribute: str, given: bool) -> QuerySet[Contact]:
    """Contacts who have given the consent that replication asks for, or who have not."""
    # Not "attributes__<name>", which means something else for an attribute named "contains".
    contacts = contacts.alias(answer=KeyTransform(attribute, "attributes"))
    consent = Q(answer=True)
    if given:
        return contacts.filter(consent)
    # "Not equal" would leave out those who were never asked: their value is null.
    consents = Case(When(consent, then=True), default=False, output_field=BooleanField())
    return contacts.alias(consents=consents).filter(consents=False)


@dataclass(frozen=True)
class InUse:
    """What replication asks of contacts: a score, and the attribute of the consent, if any."""

    score_id: int | None
    consent_attribute: str


def in_use() -> InUse:
    """What replication's settings say, without making them."""
    rows = ReplicationSettings.objects.filter(pk=1).values_list("score_id", "consent_attribute")
    return InUse(*(rows.first() or (None, "")))
