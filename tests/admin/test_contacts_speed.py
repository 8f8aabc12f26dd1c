"""The contact list finds what it shows through indexes: read from the database's own plan."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Company, Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="It reads the plans of PostgreSQL."
    ),
]

LIST = reverse("wagtail_salesforce_contacts:index")
COMPANIES = reverse("wagtail_salesforce_companies:index")
CONTACT, COMPANY = Contact._meta.db_table, Company._meta.db_table
PEOPLE = 5_000


@pytest.fixture
def score():
    """Many contacts with links, companies and points, as the planner knows them."""
    score = Score.objects.create(name="Sales")
    contacts = Contact.objects.bulk_create(map(contact, range(PEOPLE)))
    LeadLink.objects.bulk_create(LeadLink(contact=person) for person in contacts)
    Company.objects.bulk_create(Company(name=f"Company {n}") for n in range(PEOPLE))
    ScorePoints.objects.bulk_create(
        ScorePoints(score=score, contact=person, points=n % 1000, generation=score.generation)
        for n, person in enumerate(contacts)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return score


def contact(number):
    address = f"p{number}@example.org"
    return Contact(
        email=address,
        email_key=address,
        last_name=f"Last{number}",
        company_name=f"Company {number}",
    )


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def scans(sql):
    """The tables that a statement reads from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    (entry,) = json.loads(found) if isinstance(found, str) else found
    return {
        node["Relation Name"] for node in nodes(entry["Plan"]) if node["Node Type"] == "Seq Scan"
    }


def read(client, url, **parameters):
    """The statements of a page, and those that read one of its large tables to the end."""
    client.get(url, parameters)
    with CaptureQueriesContext(connection) as found:
        response = client.get(url, parameters)
    assert response.status_code == 200
    statements = [query["sql"] for query in found if query["sql"].startswith("SELECT")]
    large = {CONTACT, COMPANY, "wagtail_salesforce_scorepoints", "wagtail_salesforce_leadlink"}
    slow = [sql for sql in statements if scans(sql) & large]
    return len(found), [sql for sql in slow if "COUNT(*)" not in sql], slow, response


#: (what is asked for, how many contacts it finds). What counts everybody may read everybody.
ASKED: list[tuple[dict[str, str], int]] = [
    ({}, PEOPLE),
    ({"p": "3"}, PEOPLE),
    ({"ordering": "last_name"}, PEOPLE),
    ({"points": "998"}, 10),
    ({"points": "500", "points_most": "501"}, 10),
    ({"q": "p777@example.org"}, 1),
    ({"q": "P777@Example.org"}, 1),
    ({"q": "p777@"}, 1),
    ({"company": "Company 777"}, 1),
]


def test_the_list_finds_contacts_through_indexes(score):
    client = client_of("view_contact", "change_contact", "export_contact", "erase_contact")
    for parameters, found in ASKED:
        number, slow, counts, response = read(client, LIST, **parameters)
        assert slow == [], parameters
        assert counts == [] or found == PEOPLE, parameters
        assert number <= 15, parameters
        assert response.context["paginator"].count == found, parameters


def test_a_company_is_found_through_the_index(score):
    client = client_of("view_company")
    _number, slow, counts, response = read(client, COMPANIES, q="company 777")
    assert (slow, counts) == ([], [])
    assert response.context["paginator"].count == 1
