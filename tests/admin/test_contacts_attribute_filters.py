"""Contacts → Contacts: the filters by the attributes that editors have defined."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_salesforce_contacts:index")

#: Attribute name, type and, from the first contact to the last, the values in their JSON form.
TYPES = [
    ("trade", "text", ["Ship building", "Shoes", None]),
    # Names that mean something else to the database's lookups.
    ("contains", "long_text", ["Likes 100% wool", "likes nothing", 5]),
    ("a__b", "choice", ["Large", "Small", "Middling"]),
    ("isnull", "boolean", [True, False, None]),
    ("licences", "integer", [3000, -5, "many"]),
    ("budget", "decimal", ["12.50", "-0.25", "much"]),
    ("weight", "float", [2.5, 1e-05, None]),
    ("born", "date", ["2026-02-28", "2026-03-01", "soon"]),
    ("met", "datetime", ["2026-06-30T22:59:59+00:00", "2026-06-30T23:00:00+00:00", None]),
]


@pytest.fixture
def client():
    return client_of("view_contact", "export_contact")


@pytest.fixture
def people():
    for name, kind, _values in TYPES:
        choices = "Large\nSmall" if kind == "choice" else ""
        Attribute.objects.create(name=name, label=name.title(), type=kind, choices=choices)
    for number, person in enumerate(("Ada", "Bob", "Cy")):
        values = {name: values[number] for name, _kind, values in TYPES}
        Contact.objects.create(first_name=person, attributes=values)
    Contact.objects.create(first_name="Dan")


def shown(client, **parameters):
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    assert not response.context["filters"].form.errors
    return sorted(str(contact) for contact in response.context["object_list"])


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"trade": "SHIP"}, ["Ada"]),
        ({"trade": "sh"}, ["Ada", "Bob"]),
        ({"trade": "%"}, []),
        ({"contains": "100%"}, ["Ada"]),
        ({"a__b": "Large"}, ["Ada"]),
        ({"a__b": ["Large", "Small"]}, ["Ada", "Bob"]),
        ({"isnull": "true"}, ["Ada"]),
        ({"isnull": "false"}, ["Bob"]),
        ({"licences_min": "1"}, ["Ada"]),
        ({"licences_min": "-5", "licences_max": "3000"}, ["Ada", "Bob"]),
        ({"licences_max": "0"}, ["Bob"]),
        ({"licences_min": "9" * 30}, []),
        ({"budget_min": "12.5"}, ["Ada"]),
        ({"budget_max": "-0.25"}, ["Bob"]),
        ({"weight_max": "2.4"}, ["Bob"]),
        ({"weight_min": "2.5"}, ["Ada"]),
        ({"born_from": "2026-03-01"}, ["Bob"]),
        ({"born_from": "2026-02-28", "born_to": "2026-02-28"}, ["Ada"]),
        # The days are those of the site: London in summer.
        ({"met_to": "2026-06-30"}, ["Ada"]),
        ({"met_from": "2026-07-01"}, ["Bob"]),
        ({"trade": "sh", "licences_max": "0", "a__b": "Small", "born_from": "2026-03-01"}, ["Bob"]),
        ({"trade": "ship", "contains": "nothing"}, []),
    ],
)
def test_what_is_found(client, asked, found):
    assert shown(client, **{f"attribute-{name}": value for name, value in asked.items()}) == found


@pytest.mark.usefixtures("people")
def test_the_page_shows_what_is_in_force_and_the_export_follows(client):
    page = client.get(LIST, {"attribute-licences_min": "1", "attribute-a__b": "Large"})
    filters = [(each.field_label, each.value) for each in page.context["view"].active_filters]
    assert ("Licences", "1 - any") in filters
    assert ("A__B", "Large") in filters
    html = page.content.decode()
    assert re.search(r'name="attribute-licences_min"[^>]* aria-label="At least"', html)
    assert re.search(r'name="attribute-licences_max"[^>]* aria-label="At most"', html)
    response = client.get(LIST, {"export": "csv", "attribute-a__b": "Small"})
    text = b"".join(response.streaming_content).decode()
    assert [row["First name"] for row in csv.DictReader(io.StringIO(text))] == ["Bob"]


@pytest.mark.usefixtures("people")
def test_nonsense_filters_nothing_and_says_so(client):
    response = client.get(LIST, {"attribute-licences_min": "many", "attribute-a__b": "Huge"})
    assert len(response.context["object_list"]) == 4
    assert set(response.context["filters"].form.errors) == {"attribute-licences", "attribute-a__b"}


@pytest.mark.usefixtures("people")
def test_what_is_done_with_all_in_the_listing_heeds_them():
    client = client_of("view_contact", "replicate_contact")
    url = reverse("wagtail_bulk_action", args=["wagtail_salesforce", "contact", "exclude"])
    page = client.get(url, {"id": "all", "attribute-licences_min": "1"}).content.decode()
    assert "Ada" in page
    assert "Bob" not in page


@pytest.mark.usefixtures("people")
def test_they_cost_one_statement_however_many_there_are(client):
    client.get(LIST)
    with CaptureQueriesContext(connection) as found:
        client.get(LIST)
    assert len(found) <= 15
    assert len([query for query in found if '"attribute"' in query["sql"]]) <= 1


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["isnull", "contains"])
def test_the_consent_may_have_any_name(client, name):
    Attribute.objects.filter(name=name).update(type="boolean")
    ReplicationSettings.load()
    ReplicationSettings.objects.update(consent_attribute=name)
    Contact.objects.filter(first_name="Ada").update(attributes={name: True})
    assert shown(client, consent="given") == ["Ada"]
    assert shown(client, consent="missing") == ["Bob", "Cy", "Dan"]
