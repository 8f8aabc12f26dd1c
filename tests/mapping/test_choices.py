"""What the editor offers, suggests and previews."""

from __future__ import annotations

import pytest

from wagtail_salesforce.contacts.models import Attribute, Company, Contact
from wagtail_salesforce.mapping.choices import from_token, label_of, source_choices, to_token
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.preview import preview
from wagtail_salesforce.mapping.resolve import info_of
from wagtail_salesforce.mapping.suggest import suggest, suggest_external_id
from wagtail_salesforce.mapping.validate import problems
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe

from .making import (
    ATTRIBUTES,
    CONTEXT,
    LONDON,
    REQUIRED,
    Draft,
    constant,
    custom,
    entries,
    from_attribute,
    from_field,
    lead,
    picklist,
)


LABELLED = [
    Attribute(name=name, label=name.title(), type=kind.value) for name, kind in ATTRIBUTES.items()
]


def tokens(name):
    choices = source_choices(lead().fields[name], LABELLED)
    return {str(group): [token for token, _label in offered] for group, offered in choices}


def test_only_what_fits_is_offered():
    assert tokens("NumberOfEmployees") == {
        "Attributes": ["attribute:licences", "attribute:budget", "attribute:rate"],
        "Constant": ["constant"],
    }
    assert tokens("Newsletter__c") == {"Attributes": ["attribute:vip"], "Constant": ["constant"]}
    assert tokens("Renewal_Date__c") == {
        "Contact fields": ["field:birthday", "field:created_at", "field:last_activity_at"],
        "Attributes": ["attribute:renewal", "attribute:visited"],
        "Constant": ["constant"],
    }
    assert tokens("OwnerId") == {"Constant": ["constant"]}
    tier = tokens("Tier__c")
    # It is restricted, so a constant could only be one of the entries.
    assert list(tier) == ["Contact fields", "Attributes", "Custom", "Picklist entries"]
    assert list(tokens("Rating"))[-2:] == ["Picklist entries", "Constant"]
    assert tier["Picklist entries"] == ["picklist:Bronze", "picklist:Silver", "picklist:Platinum"]
    assert "custom:lead_description" in tier["Custom"]
    assert "field:last_name" in tier["Contact fields"]
    assert "field:birthday" not in tier["Contact fields"]


def test_every_choice_is_a_mapping_without_error():
    for field in lead().mappable_fields():
        for _group, offered in source_choices(field, LABELLED):
            for token, _label in offered:
                if token == "constant":
                    continue
                draft = Draft({**REQUIRED, field.name: from_token(token)})
                assert not [e for e in problems(draft, lead(), ATTRIBUTES) if e.is_error], token


@pytest.mark.parametrize(
    ("entry", "token", "text"),
    [
        (from_field("last_name"), "field:last_name", ""),
        (from_attribute("licences"), "attribute:licences", ""),
        (custom("company_name"), "custom:company_name", ""),
        (picklist("Open: Not Contacted"), "picklist:Open: Not Contacted", ""),
        (constant("www.example.org"), "constant", "www.example.org"),
    ],
)
def test_tokens_travel_both_ways(entry, token, text):
    assert to_token(entry) == (token, text)
    assert from_token(token, text) == entry


def test_constants_of_other_types_are_shown_as_text():
    assert to_token(constant(True)) == ("constant", "true")
    assert to_token(constant(1.5)) == ("constant", "1.5")
    assert to_token(picklist(["Server", "Cloud"])) == ("picklist:Server;Cloud", "")
    with pytest.raises(ValueError, match="sheet"):
        from_token("sheet:1")


def test_labels_also_for_what_is_gone():
    assert label_of(from_field("last_name"), {}) == "Last name"
    assert label_of(from_attribute("licences"), {"licences": "Licences"}) == "Licences"
    assert label_of(custom("gone"), {}) == "gone"
    assert label_of(constant(False), {}) == "false"
    assert info_of(custom("gone"), {}) is None


# Suggestions


def test_the_suggestion_is_sensible_and_without_error():
    fields = suggest(lead(), ATTRIBUTES)
    draft = Draft(fields, suggest_external_id(lead()))
    assert not [each for each in problems(draft, lead(), ATTRIBUTES) if each.is_error]
    assert fields["LastName"] == from_field("last_name")
    assert fields["Company"] == custom("company_name")
    assert fields["Country"] == custom("country_name")
    assert fields["LeadSource"] == picklist("Web")
    assert fields["Licences__c"] == from_attribute("licences")
    assert "MiddleName" not in fields
    # The attribute `budget` fits the currency field, `story` the long text area.
    assert fields["Budget__c"] == from_attribute("budget")
    assert fields["Story__c"] == from_attribute("story")


def test_attributes_that_do_not_fit_are_not_suggested():
    from wagtail_salesforce.contacts.fields import FieldType

    assert "Licences__c" not in suggest(lead(), {"licences": FieldType.TEXT})


def test_state_and_country_codes_are_used_where_the_org_has_them():
    extra = {
        name: FieldDescribe(
            name, name, "picklist", length=10, createable=True, updateable=True, restricted=True,
            picklist=entries("US", "DE"),
        )
        for name in ("StateCode", "CountryCode")
    }  # fmt: skip
    fields = suggest(ObjectDescribe("Lead", "Lead", {**lead().fields, **extra}), {})
    assert fields["CountryCode"] == from_field("country")
    assert fields["StateCode"] == from_field("state")
    assert "Country" not in fields
    assert "State" not in fields


def test_what_the_org_lacks_is_not_suggested():
    bare = ObjectDescribe("Lead", "Lead", {"LastName": lead().fields["LastName"]})
    assert suggest(bare, ATTRIBUTES) == {"LastName": from_field("last_name")}
    assert suggest_external_id(bare) == ""


# Preview


@pytest.mark.django_db
def test_the_preview_shows_source_and_outcome():
    contact = Contact.objects.create(
        last_name="Doe",
        first_name="x" * 50,
        email="ada@example.org",
        attributes={"licences": 10**8, "interest": "server;Tea"},
    )
    Company.objects.create(name="Led", primary_contact=contact)
    fields = {
        **REQUIRED,
        "FirstName": from_field("first_name"),
        "NumberOfEmployees": from_attribute("licences"),
        "Products__c": from_attribute("interest"),
        "Gone__c": from_field("email"),
        "Title": from_field("birthday"),
        "Rating": picklist("Hot"),
        "Phone": from_field("mobile_phone"),
        "Newsletter__c": from_attribute("vip"),
    }
    labels = {"licences": "Licences"}
    shown = preview(Draft(fields), lead(), CONTEXT, ATTRIBUTES, contact, labels)
    rows = {row.field: row for row in shown}
    assert list(rows) == list(fields)
    last, company, first = rows["LastName"], rows["Company"], rows["FirstName"]
    assert (last.label, last.source, last.source_value, last.value, last.sent) == (
        "Last Name", "Last name", "Doe", "Doe", True,
    )  # fmt: skip
    assert (company.source_value, company.value) == ("Led", "Led")
    assert (first.source_value, first.value) == ("x" * 50, "x" * 40)
    assert first.shortened is not None
    assert (rows["NumberOfEmployees"].source, rows["NumberOfEmployees"].source_value) == (
        "Licences", 10**8,
    )  # fmt: skip
    assert rows["NumberOfEmployees"].refusal.code == "NUMBER_OUTSIDE_VALID_RANGE"
    assert "Server" in rows["Products__c"].refusal.message
    assert [each.code for each in rows["Gone__c"].problems] == ["field_missing"]
    assert [each.code for each in rows["Title"].problems] == ["type_mismatch"]
    assert (rows["Rating"].value, rows["Rating"].sent) == ("Hot", True)
    assert (rows["Phone"].value, rows["Phone"].sent) == (None, True)
    assert (rows["Newsletter__c"].value, rows["Newsletter__c"].sent) == (None, False)


def test_the_preview_of_a_contact_without_a_name_says_why_it_is_refused():
    rows = preview(Draft(REQUIRED), lead(), CONTEXT, {}, Contact())
    assert rows[0].refusal.code == "REQUIRED_FIELD_MISSING"
    assert rows[1].value == "Unknown"


def test_the_preview_of_a_broken_description_says_so():
    context = MappingContext("Unknown", "{{ contact.nobody }}", LONDON)
    (row,) = preview(
        Draft({"Description": custom("lead_description")}), lead(), context, {}, Contact()
    )
    assert [each.code for each in row.problems] == ["invalid_lead_description"]
    assert row.sent is False
