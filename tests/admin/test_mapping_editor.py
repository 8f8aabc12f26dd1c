"""Snippets → Salesforce mappings: rows from the org's describe, safe to save."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from django.urls import reverse

from tests.admin.mapping_pages import ADD, BASE, PREVIEW, edit_url, form_of, rows_of, sent
from tests.admin.people import client_of, messages_of
from tests.connecting import connect
from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "delete_mapping", "view_contact")


@pytest.fixture
def connected(org):
    connect(org)
    return org


def make(client, **changes):
    """A saved mapping made of the suggestion."""
    data = sent(form_of(client.get(ADD))) | changes
    response = client.post(ADD, data)
    assert response.status_code == 302, response.context["form"].errors
    return Mapping.objects.get(name=data["name"])


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


# Changing one


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


# Trying it with a contact


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
