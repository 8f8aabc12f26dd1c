"""Moves the rows of one contact to another; a constant number of statements."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.utils import timezone

from wagtail_salesforce.contacts.models import (
    Activity,
    Company,
    CompanyMembership,
    LedgerEntry,
    Visitor,
)


def move_rows(survivor_id: int, other_id: int) -> list[str]:
    """Move activities, companies, visitors and ledger entries; the types of the activities."""
    activities = Activity.objects.filter(contact_id=other_id)
    types = sorted(activities.order_by().values_list("type", flat=True).distinct())
    activities.update(contact_id=survivor_id)
    Visitor.objects.filter(contact_id=other_id).update(contact_id=survivor_id)
    LedgerEntry.objects.filter(contact_id=other_id).update(contact_id=survivor_id)
    _move_memberships(survivor_id, other_id)
    _move_places(survivor_id, other_id)
    return types


def _move_memberships(survivor_id: int, other_id: int) -> None:
    """In a company that both belong to, the survivor stays, in the role of either."""
    theirs = CompanyMembership.objects.filter(contact_id=other_id)
    roles = dict(theirs.values_list("company_id", "role"))
    if not roles:
        return
    shared = list(CompanyMembership.objects.filter(contact_id=survivor_id, company_id__in=roles))
    for membership in shared:
        membership.role = membership.role or roles[membership.company_id]
    CompanyMembership.objects.bulk_update(shared, ["role"])
    theirs.exclude(company_id__in=[membership.company_id for membership in shared]).update(
        contact_id=survivor_id
    )


def _move_places(survivor_id: int, other_id: int) -> None:
    """Primary and secondary contact; nobody is both in one company."""
    both = [survivor_id, other_id]
    held = Company.objects.filter(Q(primary_contact=other_id) | Q(secondary_contact=other_id))
    # MySQL assigns one after the other, so the secondary contact goes before the primary.
    held.update(
        secondary_contact=Case(
            When(secondary_contact__in=both, primary_contact__in=both, then=Value(None)),
            When(secondary_contact=other_id, then=Value(survivor_id)),
            default=F("secondary_contact"),
            output_field=BigIntegerField(),
        ),
        primary_contact=Case(
            When(primary_contact=other_id, then=Value(survivor_id)),
            default=F("primary_contact"),
            output_field=BigIntegerField(),
        ),
        modified_at=timezone.now(),
    )
