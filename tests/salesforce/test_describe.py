"""Reading descriptions, and keeping them."""

from __future__ import annotations

import json

import pytest

from wagtail_salesforce.salesforce.describe import (
    FieldDescribe,
    ObjectDescribe,
    PicklistEntry,
)


KEY = {
    "name": "Key__c",
    "type": "string",
    "length": 32,
    "custom": True,
    "externalId": True,
    "unique": True,
    "createable": True,
    "updateable": True,
}


def field(**changes):
    return FieldDescribe.from_json({**KEY, **changes})


def identifies(**changes):
    return bool(ObjectDescribe("Lead", "Lead", {"Key__c": field(**changes)}).external_id_fields())


def test_a_custom_unique_text_identifies():
    assert identifies()
    assert identifies(length=255, caseSensitive=True)


@pytest.mark.parametrize(
    "change",
    [
        {"length": 31},
        {"type": "double"},
        {"type": "email"},
        {"unique": False},
        {"externalId": False},
        {"createable": False},
        {"updateable": False},
        {"custom": False},
    ],
)
def test_what_does_not_identify(change):
    assert not identifies(**change)


@pytest.mark.parametrize(
    ("change", "required"),
    [
        ({"nillable": False}, True),
        ({"nillable": False, "defaultedOnCreate": True}, False),
        ({"nillable": False, "createable": False}, False),
        ({"nillable": True}, False),
        ({}, False),
    ],
)
def test_what_is_required(change, required):
    assert field(**change).required is required


def test_missing_and_null_keys_are_read():
    found = FieldDescribe.from_json({"name": "X", "label": None, "inlineHelpText": None})
    assert (found.label, found.help_text, found.picklist, found.length) == ("", "", (), 0)


def test_a_description_comes_back_from_what_was_kept(client):
    describe = client.describe("Lead")
    kept = json.loads(json.dumps(describe.to_json()))
    assert ObjectDescribe.from_json(kept) == describe
    assert list(describe.fields)[0] == "Id"


def test_the_fields_of_the_practice_org(client):
    fields = client.describe("Lead").fields
    assert {name for name, item in fields.items() if item.required} == {"LastName", "Company"}
    assert (fields["AnnualRevenue"].precision, fields["AnnualRevenue"].scale) == (18, 0)
    assert fields["NumberOfEmployees"].digits == 8
    assert fields["OwnerId"].reference_to == ("Group", "User")
    assert fields["LastName"].compound_field_name == "Name"
    assert "Hot" in fields["Rating"].active_values
    assert not fields["Rating"].restricted


def test_what_may_be_mapped(client):
    names = {item.name for item in client.describe("Lead").mappable_fields()}
    assert {"LastName", "Company", "Email", "Street", "OwnerId", "Rating"} <= names
    assert names.isdisjoint(
        {"Id", "Name", "Address", "IsDeleted", "CreatedDate", "Web_Contact_ID__c", "IsConverted"}
    )


def test_inactive_entries_cannot_be_chosen():
    entries = [{"value": "a", "active": True}, {"value": "b", "active": False, "label": "B"}]
    found = field(type="picklist", picklistValues=entries)
    assert found.picklist[1] == PicklistEntry("b", "B", active=False)
    assert found.active_values == ("a",)
