"""The editor while the organization's answers are late, cut short, wrong or empty."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.admin.mapping_pages import ADD, CHECK, PREVIEW, edit_url, form_of, rows_of, sent
from tests.admin.people import client_of, messages_of
from tests.connecting import connect
from wagtail_salesforce.admin import mapping_describe
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.suggest import suggest


pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)
CUSTOM = {"Licences__c": {"source": "constant", "value": "1"}}


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "view_contact")


@pytest.fixture
def mapping(org):
    connect(org)
    fields = suggest(lead_describe(), {}) | CUSTOM
    made = Mapping.objects.create(
        name="Leads", external_id_field="Web_Contact_ID__c", fields=fields
    )
    yield made
    org.clear_faults()


def grow_old():
    DescribeSnapshot.objects.update(fetched_at=LONG_AGO)


WRONG_ANSWERS = [
    ("truncate", {}),
    ("half_json", {}),
    ("drop_before", {}),
    ("drop_after", {}),
    ("unavailable_html", {}),
    ("server_error", {}),
]


@pytest.mark.parametrize(("kind", "settings"), WRONG_ANSWERS)
def test_the_last_good_reading_serves_and_the_page_says_so(client, org, mapping, kind, settings):
    before = DescribeSnapshot.objects.get().data
    grow_old()
    org.fault(kind, path="/describe", **settings)
    response = client.get(edit_url(mapping))
    page = response.content.decode()
    assert "fields as they were read last" in page
    form = form_of(response)
    assert form.trouble and form.trouble in page.replace("&#x27;", "'")
    assert rows_of(form)["Licences__c"].token == "constant"
    assert not any(row.has_error for row in rows_of(form).values())
    assert DescribeSnapshot.objects.get().data == before
    # What is on the page can be saved, as saving asks the organization nothing.
    assert client.post(edit_url(mapping), sent(form)).status_code == 302
    mapping.refresh_from_db()
    assert mapping.fields["Licences__c"] == CUSTOM["Licences__c"]


@pytest.mark.parametrize(("kind", "settings"), WRONG_ANSWERS)
def test_reloading_into_a_wrong_answer_loses_nothing(client, org, mapping, kind, settings):
    data = sent(form_of(client.get(edit_url(mapping)))) | {"source-Fax": "field:mobile_phone"}
    org.fault(kind, path="/describe", **settings)
    response = client.post(edit_url(mapping), data | {"reload-fields": "1"})
    assert "could not be read again" in messages_of(response)[0]
    assert rows_of(form_of(response))["Fax"].token == "field:mobile_phone"
    assert rows_of(form_of(response))["Licences__c"].token == "constant"


def test_without_any_reading_the_page_says_why_and_nothing_can_be_broken(client, org, mapping):
    DescribeSnapshot.objects.all().delete()
    org.fault("half_json", path="/describe")
    page = client.get(edit_url(mapping)).content.decode()
    assert "cannot be edited now" in page and "could not be read" in page
    assert f'href="{edit_url(mapping)}"' in page, "one can try again"
    client.post(edit_url(mapping), {"name": "Leads", "external_id_field": "", "revision": "1"})
    mapping.refresh_from_db()
    assert mapping.fields["Licences__c"] == CUSTOM["Licences__c"]
    org.clear_faults()
    assert "Licences__c" in rows_of(form_of(client.get(edit_url(mapping))))


def test_a_describe_without_any_field_is_no_describe(client, org, mapping):
    before = DescribeSnapshot.objects.get().data
    grow_old()
    names = [field["name"] for field in before["fields"]]
    org.fault("missing_fields", path="/describe", fields=names)
    response = client.get(edit_url(mapping))
    assert "list of the fields of Lead could not be read" in form_of(response).trouble
    assert DescribeSnapshot.objects.get().data == before


def test_a_describe_without_the_custom_fields_keeps_rows_and_identifier(client, org, mapping):
    grow_old()
    missing = ["Licences__c", "Web_Contact_ID__c"]
    org.fault("missing_fields", path="/describe", fields=missing)
    response = client.get(edit_url(mapping))
    form = form_of(response)
    assert rows_of(form)["Licences__c"].has_error
    assert form.groups[0].key == "gone" and form["external_id_field"].value() == missing[1]
    assert "Web_Contact_ID__c (cannot be used)" in response.content.decode()
    org.clear_faults()
    response = client.post(edit_url(mapping), sent(form) | {"reload-fields": "1"})
    assert "read again" in messages_of(response)[0]
    form = form_of(response)
    assert not rows_of(form)["Licences__c"].problems
    assert client.post(edit_url(mapping), sent(form)).status_code == 302
    mapping.refresh_from_db()
    assert mapping.fields["Licences__c"] == CUSTOM["Licences__c"]
    assert mapping.external_id_field == missing[1]


def test_check_and_preview_ask_the_organization_nothing(client, org, mapping):
    Contact.objects.create(email="ana@example.org", last_name="Lopez")
    data = sent(form_of(client.get(edit_url(mapping))))
    grow_old()
    org.clear_calls()
    assert client.post(CHECK, data).status_code == 200
    assert client.post(PREVIEW, data).status_code == 200
    assert org.calls() == []


def test_check_and_preview_without_any_reading(client, org, mapping):
    Contact.objects.create(email="ana@example.org", last_name="Lopez")
    DescribeSnapshot.objects.all().delete()
    org.fault("half_json", path="/describe")
    response = client.post(CHECK, {"source-Fax": "field:email"})
    assert response.status_code == 409 and "could not be read" in response.json()["error"]
    page = client.post(PREVIEW, {"source-Fax": "field:email"}).content.decode()
    assert "could not be read" in page


def test_nobody_waits_for_an_organization_that_hangs(client, org, mapping, monkeypatch):
    monkeypatch.setattr(mapping_describe, "PATIENCE", 0.1)
    grow_old()
    org.clear_calls()
    org.fault("delay", path="/describe", seconds=0.6)
    assert "LastName" in rows_of(form_of(client.get(edit_url(mapping))))
    org.clear_faults()
    assert len(org.calls(path="/describe")) <= 1, "it is tried once"


def test_a_new_mapping_without_an_answer(client, org, mapping):
    grow_old()
    org.fault("truncate", path="/describe")
    assert "LastName" in rows_of(form_of(client.get(ADD)))
