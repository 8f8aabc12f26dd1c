"""What is wrong with a mapping, in the organization the practice org describes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.compile import MappingBroken, compile_mapping
from wagtail_salesforce.mapping.sources import register_source, unregister_source
from wagtail_salesforce.mapping.validate import problems
from wagtail_salesforce.salesforce.describe import ObjectDescribe

from .making import (
    ATTRIBUTES,
    CONTEXT,
    REQUIRED,
    Draft,
    constant,
    custom,
    from_attribute,
    from_field,
    lead,
    picklist,
)


def found(fields, external_id="Web_Contact_ID__c", describe=None, types=ATTRIBUTES):
    draft = Draft({**REQUIRED, **fields} if isinstance(fields, dict) else fields, external_id)
    return problems(draft, describe or lead(), types)


def errors(fields, **kwargs):
    return [(each.field, each.code) for each in found(fields, **kwargs) if each.is_error]


def changed(name, **values):
    describe = lead()
    field = replace(describe.fields[name], **values)
    return ObjectDescribe(describe.name, describe.label, {**describe.fields, name: field})


def test_the_required_fields_alone_do():
    assert errors({}) == []


@pytest.mark.parametrize(
    ("name", "entry", "code"),
    [
        ("Gone__c", from_field("email"), "field_missing"),
        ("Id", from_field("email"), "field_not_writeable"),
        ("Name", from_field("last_name"), "field_not_writeable"),
        ("Address", from_field("street"), "field_not_writeable"),
        ("CreatedDate", from_field("created_at"), "field_not_writeable"),
        ("IsConverted", from_attribute("vip"), "field_not_writeable"),
        ("EmailBouncedReason", from_field("notes"), "field_not_writeable"),
        ("Web_Contact_ID__c", from_field("email"), "field_not_writeable"),
        ("Legacy_Key__c", from_field("email"), "field_not_writeable"),
        ("Lead_Number__c", from_field("email"), "field_not_writeable"),
        ("Score_Band__c", from_field("email"), "field_not_writeable"),
        ("Title", from_attribute("gone"), "attribute_missing"),
        ("Title", custom("gone"), "source_missing"),
        ("Title", from_field("gone"), "source_missing"),
        ("Title", from_field("birthday"), "type_mismatch"),
        ("Title", from_attribute("licences"), "type_mismatch"),
        ("Newsletter__c", from_field("notes"), "type_mismatch"),
        ("Renewal_Date__c", from_attribute("interest"), "type_mismatch"),
        ("NumberOfEmployees", from_field("notes"), "type_mismatch"),
        ("NumberOfEmployees", from_attribute("vip"), "type_mismatch"),
        ("OwnerId", from_field("campaign"), "type_mismatch"),
        ("Title", picklist("Boss"), "type_mismatch"),
        ("Rating", picklist("Boiling"), "picklist_value_unknown"),
        ("Tier__c", picklist("Iron"), "picklist_value_unknown"),
        ("Products__c", picklist("Server;Tea"), "picklist_value_unknown"),
        ("Tier__c", constant("Iron"), "picklist_value_unknown"),
        ("NumberOfEmployees", constant("many"), "constant_invalid"),
        ("NumberOfEmployees", constant(10**8), "constant_invalid"),
        ("Newsletter__c", constant("perhaps"), "constant_invalid"),
        ("Renewal_Date__c", constant("31.12.2026"), "constant_invalid"),
        ("Last_Visit__c", constant("yesterday"), "constant_invalid"),
        ("Title", constant("x" * 129), "constant_invalid"),
        ("Title", constant("   "), "constant_invalid"),
        ("Title", constant(True), "constant_invalid"),
        ("Email", constant("x" * 81), "constant_invalid"),
        ("OwnerId", constant("0051"), "reference_invalid"),
        ("OwnerId", constant("00QD0000001KyEI"), "reference_invalid"),
        ("Title", {"source": "field"}, "malformed"),
        ("Title", {"source": "sheet", "name": "x"}, "malformed"),
        ("Title", "last_name", "malformed"),
        ("Ti tle", from_field("email"), "malformed"),
    ],
)
def test_errors(name, entry, code):
    assert errors({name: entry}) == [(name, code)]
    with pytest.raises(MappingBroken) as caught:
        compile_mapping(Draft({**REQUIRED, name: entry}), lead(), CONTEXT, ATTRIBUTES)
    assert caught.value.code == "mapping_broken"
    assert [each.code for each in caught.value.problems] == [code]
    assert name in caught.value.message


def test_types_have_the_names_that_the_pages_give_them():
    entry = from_attribute("licences")
    found = problems(Draft({**REQUIRED, "Renewal_Date__c": entry}), lead(), ATTRIBUTES)
    message = next(each.message for each in found if each.field == "Renewal_Date__c")
    assert message.endswith(
        "is of type Whole number, but Renewal Date (Date) takes: Date, Date and time."
    )


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Rating", picklist("Hot")),
        ("Rating", picklist("hot")),
        ("Rating", constant("Lukewarm")),
        ("Products__c", picklist("Server;Cloud")),
        ("Products__c", picklist(["Server", "Cloud"])),
        ("Website", constant("www.example.org")),
        ("NumberOfEmployees", constant(7)),
        ("NumberOfEmployees", constant("7")),
        ("Score__c", constant("1.25")),
        ("Newsletter__c", constant(True)),
        ("Newsletter__c", constant(False)),
        ("Newsletter__c", constant("false")),
        ("Renewal_Date__c", constant("2026-12-31")),
        ("Last_Visit__c", constant("2026-12-31")),
        ("Last_Visit__c", constant("2026-12-31T10:00:00+01:00")),
        ("Title", constant(5)),
        ("OwnerId", constant("005D0000001KyEI")),
        ("OwnerId", constant("00GD0000001KyEI")),
        ("Renewal_Date__c", from_field("created_at")),
        ("Last_Visit__c", from_field("birthday")),
        ("Budget__c", from_attribute("licences")),
        ("Newsletter__c", from_attribute("vip")),
        ("Secret_Note__c", from_field("notes")),
    ],
)
def test_what_is_right(name, entry):
    assert errors({name: entry}) == []


@pytest.mark.parametrize("type", ["time", "base64", "location", "anyType"])
def test_types_that_no_contact_value_fills_cannot_be_mapped(type):
    describe = changed("Title", type=type)
    assert errors({"Title": constant("x")}, describe=describe) == [("Title", "field_not_writeable")]


def test_all_missing_required_fields_are_named_together():
    (problem,) = problems(Draft({}), changed("Title", nillable=False), ATTRIBUTES)
    assert problem.code == "required_unmapped"
    for name in ("LastName", "Company", "Title"):
        assert name in problem.message


def test_a_required_field_that_cannot_be_mapped_says_so():
    describe = changed("Legacy_Key__c", nillable=False)
    (problem,) = [each for each in found({}, describe=describe) if each.is_error]
    assert problem.code == "required_unmapped"
    assert "cannot be mapped: Legacy Key (Legacy_Key__c)" in problem.message


def test_a_required_external_identifier_is_filled_anyway():
    assert errors({}, describe=changed("Web_Contact_ID__c", nillable=False)) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "external_id_missing"),
        ("Gone__c", "external_id_unusable"),
        ("Legacy_Key__c", "external_id_unusable"),
        ("Email", "external_id_unusable"),
    ],
)
def test_external_identifier(name, code):
    assert errors({}, external_id=name) == [(name, code)]
    with pytest.raises(MappingBroken) as caught:
        compile_mapping(Draft(dict(REQUIRED), name), lead(), CONTEXT, ATTRIBUTES)
    assert caught.value.code == "no_external_id"
    assert "Web_Contact_ID__c" in caught.value.message


def test_where_there_is_no_external_identifier_the_words_say_how_to_make_one():
    describe = changed("Web_Contact_ID__c", unique=False)
    describe = ObjectDescribe(
        "Lead", "Lead", {k: v for k, v in describe.fields.items() if k != "Exact_Key__c"}
    )
    (problem,) = [each for each in found({}, describe=describe) if each.is_error]
    assert "External ID and Unique" in problem.message


@pytest.mark.parametrize(
    ("name", "entry", "code", "words"),
    [
        ("FirstName", from_field("first_name"), "too_long", ("100", "40", "shortened")),
        ("Email", from_field("email"), "too_long", ("254", "80", "suspended")),
        ("Description", from_field("notes"), "too_long", ("no limit", "32000")),
        ("Title", from_attribute("interest"), "too_long", ("no limit", "128")),
        ("NumberOfEmployees", from_attribute("licences"), "digits", ("18", "8")),
        ("LastName", from_field("last_name"), "may_be_empty", ("suspended",)),
    ],
)
def test_warnings(name, entry, code, words):
    (problem,) = [e for e in found({name: entry}) if (e.field, e.code) == (name, code)]
    assert problem.severity == "warning"
    for word in words:
        assert word in problem.message


def test_no_warning_where_all_is_well():
    kept = {
        "Phone": from_field("business_phone"),
        "Company": custom("company_name"),
        "Description": custom("lead_description"),
        "LeadSource": from_field("campaign"),
        "AnnualRevenue": from_attribute("licences"),
        "Website": constant("www.example.org"),
    }
    assert {each.field for each in found(kept)} == {"LastName"}


@pytest.mark.parametrize("fields", [None, [], "x", 3])
def test_fields_of_the_wrong_form_are_one_problem(fields):
    (problem,) = found(fields)
    assert (problem.field, problem.code) == ("", "malformed")


def test_a_field_that_vanished_keeps_its_row_and_pauses():
    draft = Draft({**REQUIRED, "Product_Interest__c": from_field("campaign")})
    assert compile_mapping(draft, lead(), CONTEXT, ATTRIBUTES)
    less = {k: v for k, v in lead().fields.items() if k != "Product_Interest__c"}
    with pytest.raises(MappingBroken, match="Product_Interest__c"):
        compile_mapping(draft, ObjectDescribe("Lead", "Lead", less), CONTEXT, ATTRIBUTES)
    assert "Product_Interest__c" in draft.fields


def test_a_source_that_was_unregistered_is_named():
    @register_source("full_name", label="Full name", needs=["first_name", "last_name"])
    def full_name(first_name, last_name):
        return f"{first_name} {last_name}"

    assert errors({"Title": custom("full_name")}) == []
    unregister_source("full_name")
    (problem,) = [each for each in found({"Title": custom("full_name")}) if each.is_error]
    assert "full_name" in problem.message


def test_an_attribute_of_another_type_is_noticed():
    assert errors({"Title": from_attribute("licences")}, types={"licences": FieldType.TEXT}) == []
