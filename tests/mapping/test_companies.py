"""The company rule, asked of the database."""

from __future__ import annotations

from datetime import date, timezone

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_salesforce.contacts.models import Company, CompanyMembership, Contact
from wagtail_salesforce.mapping.companies import company_names
from wagtail_salesforce.mapping.context import MappingContext

from .making import LONDON, compiled, from_attribute, from_field, map_person


pytestmark = pytest.mark.django_db


def make_contacts(count):
    return Contact.objects.bulk_create([Contact(last_name=f"L{n}") for n in range(count)])


def test_primary_then_secondary_then_first_membership():
    first, second, third, fourth, nobody = make_contacts(5)
    member = Company.objects.create(name="Member of")
    earlier = Company.objects.create(name="Earlier")
    for company in (member, earlier):
        for contact in (first, second, third):
            CompanyMembership.objects.create(company=company, contact=contact)
    CompanyMembership.objects.create(company=earlier, contact=fourth)
    CompanyMembership.objects.create(company=member, contact=fourth)
    Company.objects.create(name="Second of", secondary_contact=second)
    Company.objects.create(name="Second here", secondary_contact=first)
    Company.objects.create(name="Led", primary_contact=first, secondary_contact=second)
    Company.objects.create(name="Led too", primary_contact=first)
    ids = [contact.pk for contact in (first, second, third, fourth, nobody)]
    assert company_names(ids) == {
        first.pk: "Led",
        second.pk: "Second of",
        third.pk: "Member of",
        fourth.pk: "Earlier",
    }


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_company_without_a_name_falls_through(blank):
    (contact,) = make_contacts(1)
    Company.objects.create(name=blank, primary_contact=contact)
    assert company_names([contact.pk]) == {}
    for name in (blank, "Named"):
        company = Company.objects.create(name=name)
        CompanyMembership.objects.create(company=company, contact=contact)
    assert company_names([contact.pk]) == {contact.pk: "Named"}
    Company.objects.create(name="Second", secondary_contact=contact)
    assert company_names([contact.pk]) == {contact.pk: "Second"}


def test_others_contacts_are_left_alone():
    one, other = make_contacts(2)
    Company.objects.create(name="Both", primary_contact=one, secondary_contact=other)
    assert company_names([other.pk]) == {other.pk: "Both"}


def test_two_statements_for_a_thousand():
    ids = [contact.pk for contact in make_contacts(1000)]
    Company.objects.create(name="Led", primary_contact_id=ids[-1])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert company_names(ids) == {ids[-1]: "Led"}
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        company_names([*ids, ids[-1] + 1])
    assert len(queries) == 4


def test_nobody_costs_nothing():
    with CaptureQueriesContext(connection) as queries:
        assert company_names([]) == {}
    assert len(queries) == 0


@pytest.mark.parametrize(
    ("own", "found", "default", "sent"),
    [
        ("Own Ltd", "Found Ltd", "Unknown", "Own Ltd"),
        ("  ", "Found Ltd", "Unknown", "Found Ltd"),
        ("", None, " Unknown ", "Unknown"),
        ("", " ", "Unknown", "Unknown"),
    ],
)
def test_own_name_first_default_last(own, found, default, sent):
    mapping = compiled(MappingContext(default, "", LONDON))
    assert mapping.needs_company
    assert map_person(mapping, found, company_name=own)[0]["Company"] == sent


def test_without_any_company_the_contact_is_refused():
    _payload, refusals, _shortened = map_person(compiled(MappingContext("", "", LONDON)))
    assert [(each.field, each.code) for each in refusals] == [("Company", "REQUIRED_FIELD_MISSING")]


def test_only_contacts_without_a_company_of_their_own_are_asked_for():
    mapping = compiled()
    place = mapping.columns.index("company_name")
    rows = [["x"] * len(mapping.columns) for _ in range(3)]
    for number, own in enumerate(("Own", " ", "")):
        rows[number][0], rows[number][place] = number, own
    assert mapping.without_company(rows) == [1, 2]
    plain = compiled(Company={"source": "constant", "value": "All"})
    assert not plain.needs_company
    assert plain.without_company(rows) == []


def test_saved_contacts_are_mapped_from_their_columns():
    """The columns are what `values_list` takes, and the values are what the database gives."""
    contact = Contact.objects.create(
        last_name="Łukasz 😀",
        birthday=date(2001, 2, 28),
        attributes={"licences": 3000, "budget": "12.345", "vip": False},
    )
    CompanyMembership.objects.create(company=Company.objects.create(name="Org"), contact=contact)
    mapping = compiled(
        Renewal_Date__c=from_field("birthday"),
        Last_Visit__c=from_field("created_at"),
        NumberOfEmployees=from_attribute("licences"),
        Budget__c=from_attribute("budget"),
        Newsletter__c=from_attribute("vip"),
    )
    rows = list(Contact.objects.values_list(*mapping.columns))
    companies = company_names(mapping.without_company(rows))
    payload, refusals, _shortened = mapping.map(rows[0], companies.get(rows[0][0]))
    assert refusals == ()
    assert payload == {
        "LastName": "Łukasz 😀",
        "Company": "Org",
        "Renewal_Date__c": "2001-02-28",
        "Last_Visit__c": f"{contact.created_at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
        "NumberOfEmployees": 3000,
        "Budget__c": 12.34,
        "Newsletter__c": False,
    }
