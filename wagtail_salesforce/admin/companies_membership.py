"""Who belongs to a company, in which role, and who stands for it first and second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.changes import gather_changes
from wagtail_salesforce.contacts.models import Company, CompanyMembership, Contact


NAMESPACE = "wagtail_salesforce_companies"


class Standing(models.TextChoices):
    """The standing of a member. The primary contact's company name wins over the secondary's,
    and that over an ordinary member's, when a lead needs a company name."""

    PRIMARY = "primary", _("Primary contact")
    SECONDARY = "secondary", _("Secondary contact")
    ORDINARY = "", _("Member")


@dataclass(frozen=True)
class CompanyOfContact:
    """A company on a contact's page; `url` is "" for those who may not open companies."""

    name: str
    url: str
    role: str
    standing: str


def companies_of(contact: Contact, user: Any) -> list[CompanyOfContact]:
    """The companies a contact belongs to or stands for."""
    standing = Q(primary_contact=contact) | Q(secondary_contact=contact)
    roles = dict(contact.memberships.values_list("company_id", "role"))
    companies = Company.objects.filter(standing | Q(pk__in=roles))
    may_open = user.has_perm("wagtail_salesforce.view_company") or user.has_perm(
        "wagtail_salesforce.change_company"
    )
    return [_of_contact(company, contact, roles, may_open) for company in companies]


def _of_contact(
    company: Company, contact: Contact, roles: dict[int, str], may_open: bool
) -> CompanyOfContact:
    url = reverse(f"{NAMESPACE}:inspect", args=[company.pk]) if may_open else ""
    standing = standing_of(company, contact.pk)
    label = str(standing.label) if standing else ""
    return CompanyOfContact(str(company), url, roles.get(company.pk, ""), label)


def standing_of(company: Company, contact_id: int) -> Standing:
    """What a contact is to a company."""
    if company.primary_contact_id == contact_id:
        return Standing.PRIMARY
    if company.secondary_contact_id == contact_id:
        return Standing.SECONDARY
    return Standing.ORDINARY


def members(company: Company) -> QuerySet[CompanyMembership]:
    """The memberships of a company, the longest-standing first."""
    return company.memberships.select_related("contact").order_by("pk")


def standing_without_membership(company: Company) -> list[Contact]:
    """A primary or secondary contact set by code or import who is not a member."""
    standing = (company.primary_contact_id, company.secondary_contact_id)
    ids = {contact_id for contact_id in standing if contact_id is not None}
    known = set(company.memberships.filter(contact__in=ids).values_list("contact_id", flat=True))
    return list(Contact.objects.filter(pk__in=ids - known))


def save_member(company: Company, contact: Contact, role: str, standing: Standing) -> bool:
    """Make a contact a member or change its role and standing. True when it is a new member."""
    with gather_changes():
        locked = Company.objects.select_for_update().get(pk=company.pk)
        _membership, created = CompanyMembership.objects.update_or_create(
            company=locked, contact=contact, defaults={"role": role}
        )
        _give_standing(locked, contact.pk, standing)
        return created


def remove_member(company: Company, contact_id: int) -> None:
    """End a membership, with its standing."""
    with gather_changes():
        locked = Company.objects.select_for_update().get(pk=company.pk)
        for membership in locked.memberships.filter(contact_id=contact_id):
            membership.delete()
        _give_standing(locked, contact_id, Standing.ORDINARY)


def _give_standing(company: Company, contact_id: int, standing: Standing) -> None:
    """Only one contact is the primary and one the secondary; who was it before is a member."""
    before = (company.primary_contact_id, company.secondary_contact_id)
    if standing_of(company, contact_id) == Standing.PRIMARY:
        company.primary_contact_id = None
    if standing_of(company, contact_id) == Standing.SECONDARY:
        company.secondary_contact_id = None
    if standing == Standing.PRIMARY:
        company.primary_contact_id = contact_id
    elif standing == Standing.SECONDARY:
        company.secondary_contact_id = contact_id
    if (company.primary_contact_id, company.secondary_contact_id) != before:
        company.save(update_fields=["primary_contact", "secondary_contact", "modified_at"])
