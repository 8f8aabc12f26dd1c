"""Constants in the editor: the right input for each type, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from wagtail.users.models import UserProfile

from tests.admin.mapping_pages import ADD, PREVIEW, edit_url, form_of, rows_of, sent
from tests.admin.people import client_of
from tests.connecting import connect
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping


pytestmark = pytest.mark.django_db

FIELDS = {
    "Flag__c": {"type": "boolean"},
    "Day__c": {"type": "date"},
    "When__c": {"type": "datetime"},
    "Amount__c": {"type": "currency", "precision": 10, "scale": 2},
    "Share__c": {"type": "percent", "precision": 5, "scale": 1},
    "Count__c": {"type": "int", "digits": 4},
    "Mail__c": {"type": "email", "length": 80},
    "Link__c": {"type": "url", "length": 255},
    "Story2__c": {"type": "textarea", "length": 1000},
    "Short__c": {"type": "string", "length": 5},
    "Many__c": {
        "type": "multipicklist",
        "length": 100,
        "picklist": ["Red", "Green", "Blue"],
        "restricted": True,
    },
}


@pytest.fixture(scope="module")
def client(practice_org_server, module_rows):
    practice_org_server.reset()
    for name, values in FIELDS.items():
        practice_org_server.add_field("Lead", name=name, **values)
    connect(practice_org_server)
    return client_of("add_mapping", "change_mapping", "view_contact")


def post(client, **constants):
    """Save a new mapping with these constants."""
    data = sent(form_of(client.get(ADD)))
    for name, value in constants.items():
        data |= {f"source-{name}": "constant", f"constant-{name}": value}
    return client.post(ADD, data)


def test_each_type_has_its_input(client):
    form = form_of(client.get(ADD))
    inputs = {name: rows_of(form)[name].empty_input for name in FIELDS}
    assert inputs == {
        "Flag__c": "boolean",
        "Day__c": "date",
        "When__c": "datetime",
        "Amount__c": "decimal",
        "Share__c": "decimal",
        "Count__c": "numeric",
        "Mail__c": "email",
        "Link__c": "url",
        "Story2__c": "textarea",
        "Short__c": "text",
        "Many__c": "multi",
    }
    page = client.get(ADD).content.decode()
    for kind in {*inputs.values(), "tel"}:
        assert f'<template data-ws-map-constant="{kind}">' in page


GOOD = [
    ("Flag__c", "true", "true"),
    ("Day__c", "2026-02-28", "2026-02-28"),
    ("When__c", "2026-07-01T09:30", "2026-07-01T09:30"),
    ("Amount__c", "12.50", "12.50"),
    ("Share__c", "-3", "-3"),
    ("Count__c", "9999", "9999"),
    ("Mail__c", "sales@example.org", "sales@example.org"),
    ("Link__c", "www.example.org", "www.example.org"),
    ("Story2__c", "One\r\nTwo", "One\r\nTwo"),
    ("Many__c", ["Red", "Blue"], "Red;Blue"),
    ("OwnerId", "005000000000001", "005000000000001"),
]


@pytest.mark.parametrize(("name", "value", "stored"), GOOD)
def test_right_values_are_stored_and_shown_again(client, name, value, stored):
    assert post(client, **{name: value}).status_code == 302
    mapping = Mapping.objects.get()
    assert mapping.fields[name] == {"source": "constant", "value": stored}
    row = rows_of(form_of(client.get(edit_url(mapping))))[name]
    assert row.constant == stored and not row.has_error


BAD = [
    ("Day__c", "2026-02-30", "Give a date that exists"),
    ("Day__c", "tomorrow", "year-month-day"),
    ("When__c", "tomorrow", "date and time"),
    ("Amount__c", "1,5", "decimal point"),
    ("Amount__c", "123456789", "8 whole digits"),
    ("Share__c", "x", "decimal point"),
    ("Count__c", "99999", "4 whole digits"),
    ("Mail__c", "sales@", "e-mail address for Mail, such as"),
    ("Link__c", "our page", "web address for Link, such as"),
    ("Short__c", "sixteen", "Short takes 5"),
    ("Short__c", "a\0b", "characters that cannot be stored"),
    ("Many__c", ["Red", "Mauve"], "Allowed values: Red, Green, Blue"),
    ("Many__c", [], "Give a value"),
    ("OwnerId", "nonsense", "005 (User)"),
    ("OwnerId", "00Q000000000001", "005 (User)"),
    ("OwnerId", "005000000000001AAB", "typing error"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_wrong_values_are_refused_with_the_cure_and_stay_in_the_form(client, name, value, words):
    response = post(client, **{name: value})
    form = form_of(response)
    row = rows_of(form)[name]
    assert not Mapping.objects.exists()
    assert words in row.problems[0].message
    assert name in form.non_field_errors()[-1], "the row is named at the top"
    assert row.constant == (";".join(value) if isinstance(value, list) else value)
    html = re.search(rf'data-ws-map-row="{name}".*?</li>\s*(<li class="ws-row|</ul>)',
                     response.content.decode(), re.S)[0]  # fmt: skip
    if not isinstance(value, list):
        assert value in html, "a browser would empty a date input that holds no date"
        assert 'type="date' not in html
    else:
        assert all(f'value="{each}" checked' in html for each in value)


def test_more_decimals_than_the_field_keeps_are_a_warning(client):
    assert post(client, Amount__c="12.345").status_code == 302
    row = rows_of(form_of(client.get(edit_url(Mapping.objects.get()))))["Amount__c"]
    assert (row.problems[0].severity, row.problems[0].code) == ("warning", "rounded")
    assert "12.34" in row.problems[0].message


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-07-01T09:30:00+00:00", "2026-07-01T10:30"),
        ("2026-01-01T09:30:15Z", "2026-01-01T09:30:15"),
        ("2026-07-01", "2026-07-01T00:00"),
    ],
)
def test_moments_are_shown_in_the_time_of_the_site(client, stored, shown):
    post(client)
    mapping = Mapping.objects.get()
    mapping.fields["When__c"] = {"source": "constant", "value": stored}
    mapping.save()
    page = client.get(edit_url(mapping)).content.decode()
    row = re.search(r'<input id="constant-When__c".*?>', page)[0]
    assert 'type="datetime-local"' in row and f'value="{shown}"' in row
    assert "Date and time (Europe/London)" in page


def test_a_moment_is_the_sites_wherever_the_editor_is(client):
    Contact.objects.create(email="ana@example.org", last_name="Lopez")
    data = sent(form_of(client.get(ADD)))
    data |= {"source-When__c": "constant", "constant-When__c": "2026-07-01T09:30"}
    profile = UserProfile.get_for_user(get_user_model().objects.get())
    for zone in ("Asia/Tokyo", "Europe/London"):
        profile.current_time_zone = zone
        profile.save()
        rows = client.post(PREVIEW, data).context["rows"]
        (value,) = [row.value for row in rows if row.field == "When__c"]
        assert value.startswith("2026-07-01T08:30"), zone


def test_ticked_entries_that_the_organization_lacks_stay_ticked(client):
    post(client, Many__c=["Red"])
    mapping = Mapping.objects.get()
    mapping.fields["Many__c"]["value"] = "Red;Old"
    mapping.save()
    row = rows_of(form_of(client.get(edit_url(mapping))))["Many__c"]
    assert row.ticks == [
        ("Red", "Red", True),
        ("Green", "Green", False),
        ("Blue", "Blue", False),
        ("Old", "Old", True),
    ]
    assert row.has_error
