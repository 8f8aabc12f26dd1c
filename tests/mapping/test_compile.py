"""The compiled function: right, like the slow way, and deaf to whatever text it meets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.compile import compile_mapping
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.outcomes import Shortened
from wagtail_salesforce.mapping.sources import register_source, unregister_source
from wagtail_salesforce.mapping.text import units
from wagtail_salesforce.salesforce.describe import ObjectDescribe

from .making import (
    ATTRIBUTES,
    CONTEXT,
    LONDON,
    REQUIRED,
    Draft,
    compiled,
    constant,
    custom,
    from_attribute,
    from_field,
    lead,
    map_person,
    picklist,
)
from .naive import naive_map
from .strategies import contacts, mappings


def test_a_payload_holds_every_mapped_field():
    mapping = compiled(
        FirstName=from_field("first_name"),
        Email=from_field("email"),
        NumberOfEmployees=from_attribute("licences"),
        Rating=picklist("hot"),
        Website=constant("www.example.org"),
        Country=custom("country_name"),
        State=custom("state_name"),
        Renewal_Date__c=from_field("created_at"),
        Products__c=from_attribute("interest"),
    )
    payload, refusals, shortened = map_person(
        mapping,
        "Found Ltd",
        email="ada@example.org",
        attributes={"licences": 3000, "interest": ["server", "Cloud"]},
        country="US",
        state="CA",
        created_at=datetime(2026, 6, 30, 23, 30, tzinfo=timezone.utc),
    )
    assert payload == {
        "LastName": "Doe",
        "Company": "Found Ltd",
        "FirstName": None,
        "Email": "ada@example.org",
        "NumberOfEmployees": 3000,
        "Rating": "Hot",
        "Website": "www.example.org",
        "Country": "United States",
        "State": "California",
        "Renewal_Date__c": "2026-07-01",
        "Products__c": "Server;Cloud",
    }
    assert (refusals, shortened) == ((), ())
    assert mapping.external_id_field == "Web_Contact_ID__c"


def test_the_id_is_the_first_column_and_none_is_read_twice():
    mapping = compiled(FirstName=from_field("last_name"), Title=from_attribute("interest"))
    assert mapping.columns == ("id", "last_name", "company_name", "attributes")


@pytest.mark.parametrize("blank", ["", "  ", "\n", None])
def test_without_a_last_name_the_contact_is_refused(blank):
    payload, refusals, _shortened = map_person(compiled(), last_name=blank)
    assert [(each.field, each.code) for each in refusals] == [
        ("LastName", "REQUIRED_FIELD_MISSING")
    ]
    assert "Last Name is required in Salesforce" in refusals[0].message
    assert "LastName" not in payload


def test_what_cannot_be_cleared_is_left_out():
    mapping = compiled(Newsletter__c=from_attribute("vip"), Status=from_field("campaign"))
    payload = map_person(mapping)[0]
    assert "Newsletter__c" not in payload
    assert "Status" not in payload
    payload = map_person(mapping, attributes={"vip": False}, campaign="working - contacted")[0]
    assert payload["Newsletter__c"] is False
    assert payload["Status"] == "Working - Contacted"


def test_shortened_values_are_sent_and_told():
    mapping = compiled(FirstName=from_field("first_name"))
    payload, refusals, shortened = map_person(mapping, first_name="😀" * 30, last_name="x" * 100)
    assert payload["FirstName"] == "😀" * 20
    assert payload["LastName"] == "x" * 80
    assert refusals == ()
    assert shortened == (
        Shortened("LastName", "x" * 80, 100, 80),
        Shortened("FirstName", "😀" * 20, 60, 40),
    )


@pytest.mark.parametrize("stored", [None, [], "text", 3])
def test_a_spoilt_attributes_column_is_no_attribute(stored):
    payload, refusals, _shortened = map_person(
        compiled(Title=from_attribute("interest")), attributes=stored
    )
    assert (payload["Title"], refusals) == (None, ())


def test_a_spoilt_attribute_refuses_the_contact():
    mapping = compiled(NumberOfEmployees=from_attribute("licences"))
    _payload, refusals, _shortened = map_person(mapping, attributes={"licences": "a secret"})
    assert [(each.field, each.code) for each in refusals] == [
        ("NumberOfEmployees", "INVALID_TYPE_ON_FIELD_IN_RECORD")
    ]
    assert "licences" in refusals[0].message
    assert "secret" not in refusals[0].message


def test_a_row_of_the_wrong_width_is_an_error():
    with pytest.raises(ValueError, match="unpack"):
        compiled().map((1, "Doe"), None)


@pytest.mark.parametrize(
    "text", ['"]; raise SystemExit #', "__import__('os')", "{x0}", "\\", "'\n"]
)
def test_text_is_never_code(text):
    mapping = compiled(Title=constant(text), City=from_field("city"))
    payload = map_person(mapping, city=text)[0]
    assert payload["Title"] == payload["City"] == text.strip().replace("\n", " ")


def test_a_field_name_is_never_code():
    name = "A__c"
    field = replace(lead().fields["Title"], name=name, label='"); raise SystemExit("')
    describe = ObjectDescribe("Lead", "Lead", {**lead().fields, name: field})
    draft = Draft({**REQUIRED, name: from_field("city")})
    mapping = compile_mapping(draft, describe, CONTEXT, ATTRIBUTES)
    assert map_person(mapping, city="Ulm")[0][name] == "Ulm"


# The site's own sources


@pytest.fixture
def registered():
    names: list[str] = []

    def register(name, **values):
        names.append(name)
        return register_source(name, label=name, **values)

    yield register
    for name in names:
        unregister_source(name)


def test_a_source_of_the_sites_own(registered):
    @registered("full_name", needs=["first_name", "last_name", "attributes.licences"])
    def full_name(first_name, last_name, licences):
        return f"{first_name} {last_name} ({licences + 1 if licences else 0})"

    mapping = compiled(Title=custom("full_name"))
    assert mapping.columns == ("id", "last_name", "company_name", "first_name", "attributes")
    sent = map_person(mapping, first_name="Jo", attributes={"licences": "41"})[0]["Title"]
    assert sent == "Jo Doe (42)"
    assert map_person(mapping)[0]["Title"] == "Doe (0)"


def test_a_source_may_have_any_type(registered):
    registered("age", needs=["birthday"], type=FieldType.INTEGER)(
        lambda birthday: 2026 - birthday.year if birthday else None
    )
    mapping = compiled(NumberOfEmployees=custom("age"))
    assert map_person(mapping, birthday=date(2000, 1, 1))[0]["NumberOfEmployees"] == 26
    assert map_person(mapping)[0]["NumberOfEmployees"] is None


def test_a_source_that_fails_refuses_the_contact_and_no_other(registered):
    @registered("fragile", needs=["city"])
    def fragile(city):
        return {"Ulm": "fine"}[city]

    mapping = compiled(Title=custom("fragile"))
    payload, refusals, _shortened = map_person(mapping, city="a secret")
    assert [(each.field, each.code) for each in refusals] == [("Title", "SOURCE_FAILED")]
    assert "KeyError" in refusals[0].message
    assert "secret" not in refusals[0].message
    assert "Title" not in payload
    assert map_person(mapping, city="Ulm") == (
        {"LastName": "Doe", "Company": "Unknown", "Title": "fine"},
        (),
        (),
    )


def test_a_source_that_answers_the_wrong_type_refuses_the_contact(registered):
    registered("number", needs=["city"])(lambda city: 3)
    refusals = map_person(compiled(Title=custom("number")))[1]
    assert refusals[0].code == "INVALID_TYPE_ON_FIELD_IN_RECORD"


@pytest.mark.parametrize(
    ("name", "needs", "words"),
    [
        ("company_name", [], "already"),
        ("Full Name", [], "lower-case"),
        ("x", ["surname"], "no contact field"),
        ("x", ["attributes."], "no contact field"),
        ("x", ["attributes.A b"], "no contact field"),
    ],
)
def test_registering_nonsense_is_an_error(name, needs, words):
    with pytest.raises(ValueError, match=words):
        register_source(name, label="x", needs=needs)(lambda *values: "")


# The key


def test_the_key_changes_with_everything_that_influences_the_output():
    def key(context=CONTEXT, types=ATTRIBUTES, describe=None, external_id="Web_Contact_ID__c", **f):
        draft = Draft({**REQUIRED, **f}, external_id)
        return compile_mapping(draft, describe or lead(), context, types).key

    shorter = replace(lead().fields["LastName"], length=60)
    keys = [
        key(),
        key(FirstName=from_field("first_name")),
        key(FirstName=from_field("last_name")),
        key(context=MappingContext("Other", CONTEXT.lead_description, LONDON)),
        key(context=MappingContext("Unknown", "{{ contact.email }}", LONDON)),
        key(context=MappingContext("Unknown", CONTEXT.lead_description, timezone.utc)),
        key(types={**ATTRIBUTES, "licences": FieldType.TEXT}),
        key(describe=ObjectDescribe("Lead", "Lead", {**lead().fields, "LastName": shorter})),
        key(external_id="Exact_Key__c"),
    ]
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]
    assert key(Company=custom("company_name"), LastName=from_field("last_name")) == keys[0]
    longer = replace(lead().fields["Title"], length=200)
    unused = ObjectDescribe("Lead", "Lead", {**lead().fields, "Title": longer})
    assert key(describe=unused) == keys[0]


# Against the slow and obvious way


@given(mappings(), contacts(), st.sampled_from([None, "Found Ltd", " "]))
def test_the_compiled_function_agrees_with_the_obvious_one(fields, contact, company):
    mapping = compile_mapping(Draft(fields), lead(), CONTEXT, ATTRIBUTES)
    row = tuple(contact[column] for column in mapping.columns)
    payload, refusals, shortened = mapping.map(row, company)
    expected = naive_map(fields, contact, company)
    assert payload == expected[0]
    assert {name: type(value) for name, value in payload.items()} == {
        name: type(value) for name, value in expected[0].items()
    }
    assert tuple((each.field, each.code) for each in refusals) == expected[1]
    assert shortened == expected[2]
    for name, value in orjson.loads(orjson.dumps(payload)).items():
        if isinstance(value, str):
            assert units(value) <= lead().fields[name].length or not lead().fields[name].length
