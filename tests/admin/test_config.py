"""Settings → Integration → Salesforce → Export and import."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.models import ModelLogEntry

from tests.admin.config_page import (
    DOCUMENT,
    EXPORT,
    PAGE,
    PARTS,
    RULE,
    confirm,
    hidden,
    text,
    upload,
    words,
)
from tests.admin.people import messages_of
from tests.forms_site import form_page
from tests.ready import make_contacts, ready
from wagtail_salesforce.config_document.text import MOST_BYTES
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db


# Export


def test_the_panel_leads_here(admin_client):
    assert f'href="{PAGE}"' in text(admin_client.get("/admin/salesforce/"))
    page = text(admin_client.get(PAGE))
    assert page.count('name="parts"') == page.count('name="import-parts"') == len(PARTS)


def test_the_export_is_a_file_without_secrets_or_people(org, admin_client):
    ready(org)
    make_contacts(1)
    response = admin_client.get(EXPORT, {"parts": PARTS})
    assert re.fullmatch(
        r'attachment; filename="salesforce-set-up-\d{4}-\d\d-\d\d.json"',
        response["Content-Disposition"],
    )
    assert "no-store" in response["Cache-Control"]
    content = response.content.decode()
    assert json.loads(content)["mapping"]["name"] == "Leads"
    for secret in (org.CLIENT_SECRET, org.CLIENT_ID, "person0@example.org", "token"):
        assert secret not in content


def test_parts_are_chosen(admin_client):
    document = admin_client.get(EXPORT, {"parts": ["scores", "statuses"]}).json()
    assert document.keys() == {"version", "scores", "statuses"}
    assert "Choose at least one part" in str(messages_of(admin_client.get(EXPORT, follow=True)))


def test_what_is_exported_differs_in_nothing(org, admin_client):
    ready(org)
    Mapping.objects.create(name="Spare", external_id_field="X__c", fields={})
    content = admin_client.get(EXPORT, {"parts": PARTS}).content
    page = upload(admin_client, content)
    assert "Nothing differs" in words(page)
    assert hidden(page) is None


# The difference


def test_the_difference_is_shown_before_anything_is_written(admin_client):
    Score.objects.create(name="Older")
    page = upload(admin_client, DOCUMENT)
    shown = words(page)
    assert "Contacts in one API call settings.batch_size Changed 1000 200" in shown
    assert "Replicate contacts to Salesforce settings.enabled Changed No Yes" in shown
    assert "Sales ready scores[0] Added 1 rule" in shown
    assert "Not in the file, stays as it is: Older." in shown
    assert ReplicationSettings.load().batch_size == 1000
    assert not Attribute.objects.exists()
    assert not ModelLogEntry.objects.filter(action__contains="import_config").exists()


def test_changes_are_named_as_the_forms_name_them(org, admin_client):
    ready(org)
    page = form_page("quote")
    fields = {"your_email": {"field": "email"}}
    FormConnection.objects.create(name="Quote", page_id=page.pk, fields=fields)
    Rule.objects.create(
        score=Score.objects.create(name="S"),
        name="Any form",
        kind="activity",
        activity_type="form_submission",
        points=1,
    )
    more = fields | {"first_name": {"field": "first_name"}}
    quote = {"name": "Quote", "form": "/quote", "fields": more, "overwrite": True}
    rule = RULE | {"points": 2, "per": "value"}
    mapping = {"name": "Leads", "external_id_field": "Web_Contact_ID__c"}
    rows = Mapping.objects.get().fields | {"Rating": {"source": "picklist", "value": "Hot"}}
    del rows["City"]
    document = {
        "version": 1,
        "settings": {"duplicates": "save", "assignment_rule": "active"},
        "form_connections": [quote],
        "scores": [{"name": "S", "rules": [rule]}],
        "mapping": mapping | {"fields": rows},
    }
    shown = words(upload(admin_client, document))
    assert (
        "When Salesforce reports a duplicate settings.duplicates Changed "
        "Suspend the contact until somebody decides Save the lead anyway"
    ) in shown
    assert "Lead assignment rule settings.assignment_rule Changed off active" in shown
    assert "Quote › Overwrite existing information form_connections[0].overwrite" in shown
    assert (
        "Quote › first_name form_connections[0].fields.first_name Added Contact field: First"
        in (shown)
    )
    assert "form_connections[0].form " not in shown, "the path only looks different"
    assert "S › Any form › Points scores[0].rules[0].points Changed 1 2" in shown
    assert "Leads › Rating mapping.fields.Rating Added Picklist entries: Hot" in shown
    assert "Leads › City mapping.fields.City Removed Contact fields: City" in shown


def test_hostile_names_stay_text(admin_client):
    name = '<script>alert("x")</script>'
    page = upload(admin_client, {"version": 1, "scores": [{"name": name}]})
    assert "<script>alert" not in text(page)
    refused = upload(admin_client, {"version": 1, name: 1})
    assert "<script>alert" not in text(refused) and "This key is not known" in text(refused)


def test_a_deleted_score_is_not_called_all_contacts(admin_client):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(by_score=True)
    shown = words(upload(admin_client, {"version": 1, "settings": {"score": None}}))
    assert "Changed None: the score was deleted All contacts" in shown


# What cannot be imported


BAD = [
    (b"PK\x03\x04 a spreadsheet", "This is not a JSON document"),
    (b"\x89PNG\r\n\x1a\n\xff\xd8", "is not UTF-8 text"),
    (b'{"version": 1, "scores": [', "seems to be cut off"),
    (b'{"version": 2}', "newer version"),
    (b'{"version": 1, "setings": {}}', "Did you mean “settings”?"),
    (b'{"version": 1, "settings": {"batch_size": 0, "score": 1}}', "settings.score"),
]


@pytest.mark.parametrize(("content", "expected"), BAD)
def test_a_file_that_cannot_be_read(admin_client, content, expected):
    page = upload(admin_client, content)
    assert "The document cannot be imported, and nothing was changed" in words(page)
    assert expected in words(page)
    assert hidden(page) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "Choose the file that an export has made."),
        ({"import-file": SimpleUploadedFile("x.json", b"")}, "The file is empty."),
        (
            {"import-file": SimpleUploadedFile("x.json", b"x" * (MOST_BYTES + 1))},
            "larger than 1024 KB",
        ),
    ],
)
def test_no_file_or_too_large_a_one(admin_client, data, expected):
    page = admin_client.post(PAGE, {"form": "upload", "import-parts": PARTS} | data)
    assert expected in words(page)


def test_no_part_or_an_unknown_one(admin_client):
    assert "Choose at least one part." in words(upload(admin_client, DOCUMENT, parts=[]))
    assert "not one of the available choices" in words(upload(admin_client, DOCUMENT, ["people"]))


def test_all_problems_stand_above_the_differences(admin_client):
    mapping = {"name": "Leads", "external_id_field": "Web_Contact_ID__c", "fields": {}}
    settings = {"score": "Nobody", "batch_size": 5}
    page = upload(admin_client, {"version": 1, "settings": settings, "mapping": mapping})
    shown = words(page)
    assert "settings.score There is no score named “Nobody”" in shown
    assert "mapping A mapping can only be imported while an organization is connected" in shown
    assert "Contacts in one API call settings.batch_size Changed 1000 5" in shown
    assert hidden(page) is None


def test_parts_that_were_not_chosen_are_named_and_stay(admin_client):
    page = upload(admin_client, DOCUMENT, parts=["settings"])
    assert "you did not choose: Attributes, Scores and their rules." in words(page)
    confirm(admin_client, page)
    assert ReplicationSettings.load().batch_size == 200
    assert not (Attribute.objects.exists() or Score.objects.exists())
