"""Snippets → Salesforce mappings: rows from the org's describe, safe to save."""

from __future__ import annotations

import json
import re

import pytest

from tests.admin.mapping_pages import ADD, BASE, edit_url, form_of, make, rows_of, sent
from tests.admin.people import client_of
from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "delete_mapping", "view_contact")


# Before an organization is known


@pytest.mark.parametrize("url", [ADD, f"{BASE}edit/1/"])
def test_without_an_organization_the_page_says_authorize_first(client, url):
    Mapping.objects.create(pk=1, name="Old", fields={})
    page = client.get(url).content.decode()
    assert "not authorized" in page and "#ws-access-section" in page
    assert 'name="external_id_field"' not in page
    client.post(url, {"name": "New", "external_id_field": "", "revision": "1"})
    assert list(Mapping.objects.values_list("name", flat=True)) == ["Old"]


# A new mapping


def test_a_new_mapping_begins_with_the_suggestion(client, connected):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    form = form_of(client.get(ADD))
    rows = rows_of(form)
    assert rows["LastName"].token == "field:last_name" and rows["LastName"].required
    assert rows["Company"].token == "custom:company_name"
    assert rows["Fax"].token == ""
    assert form["external_id_field"].value() == "Web_Contact_ID__c"
    assert [group.key for group in form.groups] == ["required", "other"]
    assert {row.name for row in form.groups[0].rows} == {"LastName", "Company"}


def test_it_is_saved_with_revision_and_organization(client, connected):
    mapping = make(client)
    assert mapping.fields["LastName"] == {"source": "field", "name": "last_name"}
    assert "Fax" not in mapping.fields
    assert mapping.external_id_field == "Web_Contact_ID__c"
    assert mapping.org_id == Connection.load().org_id and mapping.revision == 1


def row_html(page, name):
    pattern = rf'<li class="ws-row[^>]*data-ws-map-row="{name}".*?ws-row__problems.*?</li>'
    return re.search(pattern, page, re.S)[0]


def test_a_row_shows_label_name_type_and_what_fits(client, connected):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    page = client.get(f"{ADD}?choices=all").content.decode()
    row = row_html(page, "NumberOfEmployees")
    assert "Employees" in row and "NumberOfEmployees" in row and "Whole number" in row
    assert 'value="attribute:licences"' in row and 'value="constant"' in row
    assert 'value="field:last_name"' not in row
    rating = row_html(page, "Rating")
    assert '<optgroup label="Picklist entries">' in rating and 'value="picklist:Hot"' in rating


def offered(page, name):
    """The tokens that the script offers in a row, from what the page holds once for all rows."""
    data = json.loads(re.search(r'id="ws-map-options"[^>]*>(.*?)</script>', page, re.S)[1])
    select = re.search(rf'<select id="source-{name}".*?>', page)[0]
    kind = re.search(r'data-kind="([^"]*)"', select)[1]
    tokens = {token for _label, options in data["kinds"][kind] for token, _text in options}
    entries = re.search(r'data-list="(\d+)"', select)
    listed = data["lists"][int(entries[1])] if entries else []
    return tokens | {f"picklist:{e[0] if isinstance(e, list) else e}" for e in listed}


def test_the_script_offers_what_the_row_spelled_out_does(client, connected):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    response = client.get(ADD)
    page = response.content.decode()
    for name, row in rows_of(form_of(response)).items():
        spelled = {token for _label, options in row.choices for token, _text in options}
        assert offered(page, name) == spelled, name
    select = re.search(r'<select id="source-Rating".*?</select>', page, re.S)[0]
    assert "picklist:Hot" not in select, "each list stands on the page once"


def test_sources_of_every_group_are_stored(client, connected):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    changes = {
        "source-NumberOfEmployees": "attribute:licences",
        "source-Rating": "picklist:Hot",
        "source-Website": "constant",
        "constant-Website": " www.example.org ",
        "source-Country": "custom:country_name",
    }
    fields = make(client, **changes).fields
    assert fields["NumberOfEmployees"] == {"source": "attribute", "name": "licences"}
    assert fields["Rating"] == {"source": "picklist", "value": "Hot"}
    assert fields["Website"] == {"source": "constant", "value": "www.example.org"}
    assert fields["Country"] == {"source": "custom", "name": "country_name"}
    form = form_of(client.get(edit_url(Mapping.objects.get())))
    assert rows_of(form)["Website"].constant == "www.example.org"
    assert rows_of(form)["Rating"].token == "picklist:Hot"


def test_warnings_stand_beside_the_row_after_saving(client, connected):
    mapping = make(client)
    response = client.get(edit_url(mapping))
    (problem, *_more) = rows_of(form_of(response))["City"].problems
    assert problem.severity == "warning"
    assert 'id="problems-City"' in response.content.decode()
    assert re.search(
        r'<select[^>]*aria-describedby="[^"]*problems-City"', response.content.decode()
    )


BAD_ROWS = [
    ({"source-LastName": ""}, None, "Last Name (LastName)"),
    ({"source-LastName": "", "source-Company": ""}, None, "Company (Company)"),
    ({"source-NumberOfEmployees": "field:last_name"}, "NumberOfEmployees", "type"),
    ({"source-Rating": "picklist:Boiling"}, "Rating", "Hot"),
    ({"source-Website": "constant", "constant-Website": ""}, "Website", "Give a value."),
    ({"source-OwnerId": "constant", "constant-OwnerId": "nonsense"}, "OwnerId", "15"),
    (
        {"source-NumberOfEmployees": "constant", "constant-NumberOfEmployees": "x"},
        "NumberOfEmployees",
        "number",
    ),
    ({"source-Fax": "attribute:gone"}, "Fax", "gone"),
    ({"source-Fax": "custom:gone"}, "Fax", "no source gone"),
    ({"source-Nothing__c": "field:email"}, "Nothing__c", "Nothing__c"),
    ({"source-IsConverted": "constant", "constant-IsConverted": "true"}, "IsConverted", "cannot"),
]


@pytest.mark.parametrize(("changes", "row", "words"), BAD_ROWS)
def test_bad_rows_are_refused_marked_and_nothing_is_lost(client, connected, changes, row, words):
    data = sent(form_of(client.get(ADD))) | {"name": "Mine"} | changes
    response = client.post(ADD, data)
    form = form_of(response)
    assert not Mapping.objects.exists()
    if row is None:
        assert words in " ".join(form.non_field_errors())
    else:
        assert row in form.non_field_errors()[-1]
        assert words in rows_of(form)[row].problems[0].message
    assert form["name"].value() == "Mine"
    for name in changes:
        if name.startswith("source-"):
            shown = rows_of(form)[name.removeprefix("source-")].token
            assert shown == changes[name]


@pytest.mark.parametrize("token", ["nonsense", "nonsense:x", ":", "field", "\0"])
def test_tokens_that_no_page_offers(client, connected, token):
    data = sent(form_of(client.get(ADD))) | {"source-Fax": token}
    assert form_of(client.post(ADD, data)).errors
    assert not Mapping.objects.exists()


def test_a_name_can_only_be_used_once(client, connected):
    make(client, name="Leads")
    data = sent(form_of(client.get(ADD))) | {"name": "Leads"}
    assert "name" in form_of(client.post(ADD, data)).errors


def test_the_external_identifier_must_be_chosen_from_those_that_can_be(client, connected):
    data = sent(form_of(client.get(ADD))) | {"external_id_field": ""}
    errors = form_of(client.post(ADD, data)).errors
    assert list(errors) == ["external_id_field"]
    data["external_id_field"] = "Email"
    assert "external_id_field" in form_of(client.post(ADD, data)).errors
    assert not Mapping.objects.exists()


def test_without_a_usable_identifier_the_page_says_how_to_make_one(client, connected):
    for field in lead_describe().external_id_fields():
        connected.remove_field("Lead", field.name)
    DescribeSnapshot.objects.all().delete()
    response = client.get(ADD)
    page = response.content.decode()
    assert "no field that could be the external identifier" in page
    assert "Do not allow duplicate values" in page
    data = sent(form_of(response))
    assert client.post(ADD, data).status_code == 302
    assert Mapping.objects.get().external_id_field == ""
