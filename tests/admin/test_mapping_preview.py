"""Snippets → Salesforce mappings: unsaved rows are tried with a contact."""

from __future__ import annotations

from datetime import date

import pytest

from tests.admin.mapping_pages import ADD, PREVIEW, form_of, sent
from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "view_contact")


@pytest.fixture
def ana(db):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(default_company_name="Unknown")
    return Contact.objects.create(
        email="ana@example.org", first_name="Ana", last_name="L" * 90, country="DE"
    )


def try_with(client, data, contact=""):
    return client.post(PREVIEW, data | {"preview-contact": contact})


def test_the_preview_shows_unsaved_rows(client, connected, ana):
    data = sent(form_of(client.get(ADD))) | {"source-Fax": "constant", "constant-Fax": "+49 1"}
    response = try_with(client, data, "ANA@example.org ")
    rows = {row.field: row for row in response.context["rows"]}
    assert rows["Country"].source_value == "Germany"
    assert rows["Fax"].value == "+49 1" and rows["Company"].value == "Unknown"
    assert rows["LastName"].shortened.now == 80
    page = response.content.decode()
    assert "The values can be sent." in page
    assert "shortened from 90 to 80" in page
    assert not Mapping.objects.exists()


def test_the_preview_tells_moments_and_truths_in_words(client, connected, ana):
    Attribute.objects.create(name="news", label="News", type="boolean")
    born = date(1815, 12, 10)
    Contact.objects.filter(pk=ana.pk).update(
        created_at="2026-03-04T16:05:06.789Z", birthday=born, attributes={"news": True}
    )
    rows = {
        "source-Last_Visit__c": "field:created_at",
        "source-Renewal_Date__c": "field:birthday",
        "source-Newsletter__c": "attribute:news",
    }
    response = try_with(client, sent(form_of(client.get(ADD))) | rows)
    lines = {line.row.field: line for line in response.context["lines"]}
    moment, day = lines["Last_Visit__c"], lines["Renewal_Date__c"]
    assert moment.here == moment.there == "4 Mar 2026, 4:05 p.m."
    assert moment.exactly == "2026-03-04T16:05:06Z"
    assert (day.here, day.there, day.exactly) == (*["10 Dec 1815"] * 2, "1815-12-10")
    assert (lines["Newsletter__c"].here, lines["Newsletter__c"].there) == ("Yes", "Yes")
    page = response.content.decode()
    assert ".789" not in page and "<code" in page


def test_the_preview_names_what_would_be_refused(client, connected, ana):
    Contact.objects.filter(pk=ana.pk).update(last_name="")
    page = try_with(client, sent(form_of(client.get(ADD))), "ana@example.org").content.decode()
    assert "would be suspended" in page and "required in Salesforce" in page


def test_the_preview_says_why_a_contact_does_not_go_at_present(client, connected, ana):
    data = sent(form_of(client.get(ADD)))
    assert "does not go" not in try_with(client, data).content.decode()
    ReplicationSettings.objects.update(consent_attribute="agreed")
    page = try_with(client, data).content.decode()
    assert "The values can be sent. At present the contact does not go:" in page
    assert "has not given consent" in page
    LeadLink.objects.update_or_create(contact=ana, defaults={"state": "excluded"})
    assert "It is excluded." in try_with(client, data).content.decode()


def test_trying_with_a_contact_is_no_unsaved_edit(client, connected, ana):
    page = client.get(ADD).content.decode()
    assert "data-ws-map-contact" in page and 'name="preview-contact"' not in page


def test_the_newest_contact_serves_when_none_is_named(client, connected, ana):
    response = try_with(client, sent(form_of(client.get(ADD))))
    assert response.context["contact"] == ana


@pytest.mark.parametrize("contact", ["nobody@example.org", "#0", "#99999999999999999999", "\0"])
def test_contacts_that_there_are_not(client, connected, ana, contact):
    response = try_with(client, sent(form_of(client.get(ADD))), contact)
    assert response.status_code == 200
    if contact != "\0":
        assert "No contact has this" in response.content.decode()


def test_the_preview_is_for_those_who_may_see_contacts(connected, ana):
    for permissions in (["change_mapping"], ["view_contact"]):
        response = try_with(client_of(*permissions), {"source-Email": "field:email"})
        assert response.status_code == 302 and "ana@" not in response.content.decode()
    page = client_of("add_mapping").get(ADD).content.decode()
    assert "Try it with a contact" not in page


def test_names_of_people_are_escaped_in_the_preview(client, connected, ana):
    Contact.objects.filter(pk=ana.pk).update(last_name="<script>alert(1)</script>")
    page = try_with(client, sent(form_of(client.get(ADD))), "ana@example.org").content.decode()
    assert "<script>" not in page and "&lt;script&gt;" in page
