"""Snippets → Salesforce mappings: one that is there is changed, copied or deleted."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.admin.mapping_pages import BASE, edit_url, form_of, make, rows_of, sent
from tests.admin.people import client_of, messages_of
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "delete_mapping", "view_contact")


def test_a_second_editor_is_told_and_overwrites_nothing(client, connected):
    mapping = make(client)
    first = sent(form_of(client.get(edit_url(mapping))))
    second = sent(form_of(client_of("change_mapping").get(edit_url(mapping))))
    assert (
        client.post(edit_url(mapping), first | {"source-Fax": "field:mobile_phone"}).status_code
        == 302
    )
    response = client.post(edit_url(mapping), second | {"source-Fax": "field:business_phone"})
    form = form_of(response)
    assert "Somebody else has saved" in form.non_field_errors()[0]
    mapping.refresh_from_db()
    assert mapping.fields["Fax"] == {"source": "field", "name": "mobile_phone"}
    assert rows_of(form)["Fax"].token == "field:business_phone", "nothing is lost"
    assert rows_of(form)["LastName"].severity == "warning", "the rows are marked as ever"
    assert form.conflict.differences == [("Fax", "Mobile phone", "Business phone")]
    page = response.content.decode()
    assert "<strong>Fax</strong>: saved “Mobile phone”, yours “Business phone”" in page
    assert f'href="{edit_url(mapping)}" target="_blank"' in page
    assert re.search(r'name="replace-revision" value="2"', page)


def test_the_second_editor_may_save_over_the_first_knowingly(client, connected):
    mapping = make(client)
    mine = sent(form_of(client.get(edit_url(mapping)))) | {"source-Fax": "field:business_phone"}
    Mapping.objects.get(pk=mapping.pk).save()
    assert client.post(edit_url(mapping), mine | {"replace-revision": "1"}).status_code == 200
    response = client.post(edit_url(mapping), mine | {"replace-revision": "2"})
    assert response.status_code == 302
    mapping.refresh_from_db()
    assert mapping.fields["Fax"]["name"] == "business_phone"
    # A third one meanwhile is not overwritten by the same button.
    Mapping.objects.get(pk=mapping.pk).save()
    assert client.post(edit_url(mapping), mine | {"replace-revision": "3"}).status_code == 200


def test_a_conflict_about_nothing_says_so(client, connected):
    mapping = make(client)
    mine = sent(form_of(client.get(edit_url(mapping))))
    Mapping.objects.get(pk=mapping.pk).save()
    page = client.post(edit_url(mapping), mine).content.decode()
    assert "says the same as yours" in page and "replace-revision" not in page


@pytest.mark.parametrize("revision", ["", "x", "999999999999999999999", "\0"])
def test_revisions_that_are_none(client, connected, revision):
    mapping = make(client)
    data = sent(form_of(client.get(edit_url(mapping)))) | {"revision": revision}
    response = client.post(edit_url(mapping), data | {"replace-revision": revision})
    assert form_of(response).errors


def test_a_revision_is_needed(client, connected):
    mapping = make(client)
    data = sent(form_of(client.get(edit_url(mapping))))
    del data["revision"]
    assert "Somebody else" in form_of(client.post(edit_url(mapping), data)).non_field_errors()[0]


def test_a_field_that_vanished_keeps_its_row_and_is_marked(client, connected):
    connected.add_field("Lead", name="Old__c", type="string", length=50)
    mapping = make(client, **{"source-Old__c": "field:city"})
    connected.remove_field("Lead", "Old__c")
    DescribeSnapshot.objects.all().delete()
    response = client.get(edit_url(mapping))
    form = form_of(response)
    assert form.groups[0].key == "gone"
    (row,) = form.groups[0].rows
    assert (row.name, row.token, row.has_error) == ("Old__c", "field:city", True)
    assert "Old__c" in form_of(client.post(edit_url(mapping), sent(form))).non_field_errors()[0]
    mapping.refresh_from_db()
    assert "Old__c" in mapping.fields
    assert client.post(edit_url(mapping), sent(form) | {"source-Old__c": ""}).status_code == 302
    mapping.refresh_from_db()
    assert "Old__c" not in mapping.fields


def test_reload_fields_reads_again_and_keeps_what_was_changed(client, connected):
    mapping = make(client)
    form = form_of(client.get(edit_url(mapping)))
    connected.add_field("Lead", name="New__c", type="string", length=50)
    assert "New__c" not in rows_of(form_of(client.get(edit_url(mapping))))
    data = sent(form) | {"source-Fax": "field:mobile_phone", "reload-fields": "1"}
    response = client.post(edit_url(mapping), data)
    assert "read again" in messages_of(response)[0]
    form = form_of(response)
    assert "New__c" in rows_of(form)
    assert rows_of(form)["Fax"].token == "field:mobile_phone"
    mapping.refresh_from_db()
    assert "Fax" not in mapping.fields


def test_reload_while_the_organization_is_down_keeps_the_page(client, connected):
    mapping = make(client)
    data = sent(form_of(client.get(edit_url(mapping)))) | {"reload-fields": "1"}
    connected.fault("server_unavailable", count=20)
    response = client.post(edit_url(mapping), data)
    connected.clear_faults()
    assert "could not be read again" in messages_of(response)[0]
    assert "LastName" in rows_of(form_of(response))


def test_saving_asks_the_organization_nothing(client, connected):
    mapping = make(client)
    data = sent(form_of(client.get(edit_url(mapping))))
    connected.clear_calls()
    DescribeSnapshot.objects.update(fetched_at="2020-01-01T00:00Z")
    assert client.post(edit_url(mapping), data).status_code == 302
    assert connected.calls() == []


def test_saving_brings_suspended_contacts_back(client, connected):
    mapping = make(client)
    contact = Contact.objects.create(last_name="Doe")
    LeadLink.objects.filter(contact=contact).update(state="suspended", due_at=None)
    client.post(edit_url(mapping), sent(form_of(client.get(edit_url(mapping)))))
    assert LeadLink.objects.get(contact=contact).state == "new"


def test_a_copy_keeps_its_rows(client, connected):
    mapping = make(client, **{"source-Fax": "field:mobile_phone"})
    form = form_of(client.get(f"{BASE}copy/{mapping.pk}/"))
    assert rows_of(form)["Fax"].token == "field:mobile_phone"
    data = sent(form) | {"name": "Copy"}
    assert client.post(f"{BASE}copy/{mapping.pk}/", data).status_code == 302
    assert Mapping.objects.get(name="Copy").fields == mapping.fields


def test_deleting_the_mapping_in_use_stops_replication(client, connected):
    mapping = make(client)
    ReplicationSettings.load()
    ReplicationSettings.objects.update(mapping=mapping)
    page = client.get(f"{BASE}delete/{mapping.pk}/").content.decode()
    assert "in use: replication stops" in page
    assert "referenced" not in page, "the index of references knows nothing of it"
    client.post(f"{BASE}delete/{mapping.pk}/")
    assert ReplicationSettings.load().mapping is None


def test_deleting_several_from_the_list_names_the_one_in_use(client, connected):
    used, other = make(client, name="Used"), make(client, name="Other")
    ReplicationSettings.load()
    ReplicationSettings.objects.update(mapping=used)
    url = f"/admin/bulk/wagtail_salesforce/mapping/delete/?id={other.pk}"
    assert "is in use" not in client.get(url).content.decode()
    page = client.get(f"{url}&id={used.pk}").content.decode()
    assert "The mapping “Used” is in use: replication stops" in page


def test_list_and_editor_say_which_mapping_is_in_use(client, connected):
    used, other = make(client, name="Used"), make(client, name="Other")
    ReplicationSettings.load()
    ReplicationSettings.objects.update(mapping=used)
    page = client.get(BASE).content.decode()
    status = {
        name: re.search(rf">\s*{name}\s*<.*?w-status[^>]*>(.*?)<", page, re.S)[1]
        for name in ("Used", "Other")
    }
    assert {name: text.strip() for name, text in status.items()} == {
        "Used": "In use",
        "Other": "Not in use",
    }
    assert "This mapping is in use" in client.get(edit_url(used)).content.decode()
    page = client.get(edit_url(other)).content.decode()
    assert "This mapping is not in use" in page and "#ws-replication-section" in page
    assert "in use" not in client.get(f"{BASE}delete/{other.pk}/").content.decode()


@pytest.mark.parametrize("path", ["", "add/", "edit/{pk}/", "copy/{pk}/", "delete/{pk}/"])
def test_each_page_needs_its_permission(connected, path):
    mapping = Mapping.objects.create(name="Leads")
    url = BASE + path.format(pk=mapping.pk)
    stranger = client_of("authorize_connection")
    for response in (stranger.get(url), stranger.post(url, {"name": "x", "revision": "1"})):
        assert response.status_code == 302 and response.url == reverse("wagtailadmin_home")
    mapping.refresh_from_db()
    assert mapping.revision == 1
