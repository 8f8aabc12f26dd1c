"""Warnings beside the row while it changes: the same rules as on saving, and nothing is saved."""

from __future__ import annotations

import pytest

from tests.admin.mapping_pages import ADD, CHECK, edit_url, form_of, rows_of, sent
from tests.admin.people import client_of
from tests.connecting import connect
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "view_contact")


@pytest.fixture
def data(client, org):
    """The form of a new mapping, as suggested."""
    connect(org)
    return sent(form_of(client.get(ADD)))


def check(client, data, **changes):
    response = client.post(CHECK, data | {k.replace("__", "-", 1): v for k, v in changes.items()})
    assert response.status_code == 200, response.content
    return response.json()


def test_a_row_is_told_what_is_wrong_with_it(client, data):
    found = check(client, data, source__Website="constant", constant__Website="no address")
    website = found["rows"]["Website"]
    assert website["severity"] == "error" and "www.example.org" in website["text"]
    assert "<strong>Error:</strong>" in website["html"]
    assert "Fax" not in found["rows"] and found["general"] == ""
    assert not Mapping.objects.exists()


def test_warnings_are_no_errors(client, data):
    found = check(client, data, source__Fax="field:notes", source__LastName="field:first_name")
    assert found["rows"]["Fax"]["severity"] == "note", "a longer text is shortened, and goes"
    assert "no limit of length" in found["rows"]["Fax"]["text"]
    assert "Note:" in found["rows"]["Fax"]["html"]
    assert found["rows"]["LastName"]["severity"] == "warning", "without one it does not go"
    assert "Warning:" in found["rows"]["LastName"]["html"]


def test_rows_that_depend_on_others_are_told_too(client, data):
    found = check(client, data, source__LastName="")
    assert "Salesforce requires it" in found["rows"]["LastName"]["text"]
    assert "Last Name (LastName)" in found["general"]
    found = check(client, data | {"external_id_field": ""})
    assert found["identifier"]["severity"] == "error" and "chosen" in found["identifier"]["text"]
    assert check(client, data)["identifier"] == {"severity": "", "html": "", "text": ""}


def test_it_says_what_saving_would_say(client, data):
    """Held against the form for a page full of faults."""
    Attribute.objects.create(name="when", label="When", type="date")
    bad = data | {
        "source-NumberOfEmployees": "field:last_name",
        "source-OwnerId": "constant",
        "constant-OwnerId": "00Q000000000001",
        "source-Gone__c": "field:city",
        "source-Fax": "attribute:gone",
        "source-Company": "",
    }
    answer = client.post(CHECK, bad).json()["rows"]
    form = form_of(client.post(ADD, bad | {"name": "Bad"}))
    said = {
        name: (row.severity, " ".join(each.message for each in row.problems))
        for name, row in rows_of(form).items()
        if row.problems
    }
    assert {name: (row["severity"], row["text"]) for name, row in answer.items()} == said
    assert {"NumberOfEmployees", "OwnerId", "Gone__c", "Fax", "Company"} <= set(answer)


def test_the_words_of_the_organization_are_escaped(client, data, org):
    org.add_field("Lead", name="Bad__c", label="<b>Bad</b>", type="double", precision=5, scale=0)
    lead_describe(force=True)
    found = check(client, data, source__Bad__c="constant", constant__Bad__c="1234567")
    assert "<b>" not in found["rows"]["Bad__c"]["html"]
    assert "<b>" not in check(client, data, **{"source__<b>": "field:city"})["rows"]["<b>"]["html"]


@pytest.mark.parametrize("token", ["nonsense", "nonsense:x", ":", "\0"])
def test_tokens_that_no_page_offers(client, data, token):
    response = client.post(CHECK, data | {"source-Fax": token})
    assert response.status_code == 409 and "not known" in response.json()["error"]


def test_an_organization_without_identifier_does_not_ask_for_it(client, data, org):
    for field in lead_describe().external_id_fields():
        org.remove_field("Lead", field.name)
    DescribeSnapshot.objects.all().delete()
    lead_describe()
    assert check(client, data | {"external_id_field": ""})["identifier"]["severity"] == ""
    assert check(client, data)["identifier"]["severity"] == "error"


def test_only_who_may_edit_may_check(client, data):
    for permission in ("add_mapping", "change_mapping"):
        assert client_of(permission).post(CHECK, data).status_code == 200
    stranger = client_of("view_mapping", "view_contact", "authorize_connection")
    assert stranger.post(CHECK, data).status_code == 302
    assert client.get(CHECK).status_code == 405
    assert stranger.get(CHECK).status_code == 302


def test_it_costs_few_statements(client, data, django_assert_max_num_queries):
    mapping = Mapping.objects.create(name="Leads")
    client.get(edit_url(mapping))
    with django_assert_max_num_queries(10):
        client.post(CHECK, data)
