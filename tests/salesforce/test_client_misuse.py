"""Wrong use of the client: a sentence that names the argument, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest

from wagtail_salesforce.exceptions import RequestRefused


LEAD, CONTACT = "00Q000000000001", "003000000000001"
GOOD = {"LastName": "Keller", "Company": "Acme"}
OF_QUERY = {"attributes": {"type": "Lead", "url": "/services/data/v66.0/sobjects/Lead/x"}, **GOOD}


@dataclass
class Own:
    """A value of a site's own."""

    text: str = "x"


def lazily(*records):
    yield from records


#: what is called, the error, and words of its sentence
WRONG = {
    "no records": (lambda c: c.insert("Lead", None), TypeError, "records is one record"),
    "a text for a record": (lambda c: c.insert("Lead", "abc"), TypeError, "given is a text"),
    "bytes for records": (lambda c: c.insert("Lead", b"abc"), TypeError, "of the type bytes"),
    "a number for records": (lambda c: c.update("Lead", 5), TypeError, "of the type int"),
    "a text among records": (lambda c: c.insert("Lead", ["abc"]), TypeError, "Record 1 is a text"),
    "a tuple among records": (
        lambda c: c.insert("Lead", lazily(GOOD, ("LastName", "x"))),
        TypeError,
        "Record 2 is of the type tuple",
    ),
    "None among many, by Bulk": (
        lambda c: c.upsert("Lead", "Key__c", [GOOD, None], transport="bulk"),
        TypeError,
        "Record 2 is None",
    ),
    "no object": (lambda c: c.insert(None, GOOD), TypeError, "API name of an object or field"),
    "a sentence for an object": (lambda c: c.describe("my leads"), ValueError, "'my leads' is not"),
    "arguments in another order": (
        lambda c: c.upsert("Lead", GOOD, "Key__c"),
        TypeError,
        "of the type dict",
    ),
    "no id": (lambda c: c.get("Lead", None), TypeError, "A Salesforce id is a text"),
    "half an id": (lambda c: c.get("Lead", "00Q"), ValueError, "15 or 18 characters"),
    "a field for fields": (
        lambda c: c.get("Lead", LEAD, "LastName"),
        TypeError,
        r'such as \["LastName"\]',
    ),
    "a record to delete": (lambda c: c.delete("Lead", {"Id": LEAD}), TypeError, r'record\["Id"\]'),
    "records to delete": (lambda c: c.delete("Lead", [{"Id": LEAD}]), TypeError, "give its Id"),
    "nothing to delete": (lambda c: c.delete("Lead", None), TypeError, "ids is one Salesforce id"),
    "another object's id": (lambda c: c.delete("lead", CONTACT), ValueError, "begins with 00Q"),
    "another object's id among several": (
        lambda c: c.delete("Account", [LEAD]),
        ValueError,
        "begins with 001",
    ),
    "no query": (lambda c: list(c.query(None)), TypeError, "soql is a text"),
    "no query to count": (lambda c: c.count(["SELECT"]), TypeError, "soql is a text"),
    "a text for headers": (lambda c: c.insert("Lead", GOOD, headers="x"), TypeError, "headers is"),
    "a boolean in headers": (
        lambda c: c.insert("Lead", GOOD, headers={"Sforce-Auto-Assign": False}),
        TypeError,
        "have to be texts",
    ),
    "an unknown transport": (
        lambda c: c.insert("Lead", GOOD, transport="soap"),
        ValueError,
        'transport is "auto", "rest" or "bulk"',
    ),
    "headers for Bulk": (
        lambda c: c.insert("Lead", GOOD, transport="bulk", headers={"A": "b"}),
        ValueError,
        "a Bulk job takes none",
    ),
    "a line end in headers": (
        lambda c: c.insert("Lead", GOOD, headers={"Sforce-Auto-Assign": "a\nb"}),
        ValueError,
        "headers holds a name or value",
    ),
    "letters in headers": (
        lambda c: c.insert("Lead", GOOD, headers={"Sforce-Auto-Assign": "漢"}),
        ValueError,
        "a letter beyond ASCII",
    ),
    "a sentence for a header's name": (
        lambda c: c.insert("Lead", [GOOD] * 300, headers={"Auto assign:": "x"}),
        ValueError,
        "headers holds a name or value",
    ),
    "a record of another object": (
        lambda c: c.insert("Lead", {"attributes": {"type": "Account"}, "Name": "x"}),
        ValueError,
        'The "attributes" of record 1 do not say that it is of Lead',
    ),
    "a record of another object among several": (
        lambda c: c.insert("Lead", [OF_QUERY, {**OF_QUERY, "attributes": {"type": "Account"}}]),
        ValueError,
        "of record 2 do not",
    ),
    "a record of another object, by Bulk": (
        lambda c: c.insert("Lead", [{"attributes": {"type": "Leads"}}], transport="bulk"),
        ValueError,
        "of record 1 do not",
    ),
    "attributes that tell no object": (
        lambda c: c.insert("Lead", [{**GOOD, "attributes": None}], transport="bulk"),
        ValueError,
        "of record 1 do not",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_use_is_told_in_a_sentence_and_nothing_is_sent(client, org, wrong):
    do, kind, words = WRONG[wrong]
    org.clear_calls()
    with pytest.raises(kind, match=words) as told:
        do(client)
    assert type(told.value) is kind
    assert str(told.value)[-1] == "."
    assert org.calls() == []


VALUES = {
    "a set": ({"a"}, "set has no JSON form"),
    "an object": (object(), "object has no JSON form"),
    "a time without a zone": (datetime(2026, 1, 1), "needs a time zone"),
    "no finite number": (float("nan"), "not a finite one"),
    "no finite decimal": (Decimal("NaN"), "a number must be finite"),
    "a dataclass": (Own(), "Own has no JSON form"),
    "half a letter": ("\ud800", "surrogates"),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("count", [3, 203])
def test_a_value_that_cannot_be_sent_is_told_with_record_and_field(client, org, value, count):
    given, words = VALUES[value]
    records = [dict(GOOD) for _number in range(count)]
    records[2]["Title"] = given
    org.clear_calls()
    with pytest.raises(RequestRefused) as refusal:
        client.insert("Lead", records)
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert refusal.value.message.startswith("Record 3: Title: ")
    assert words in refusal.value.message
    assert refusal.value.fields == ("Title",)
    assert org.calls() == []


def test_records_are_numbered_through_all_calls(client, org):
    records = [dict(GOOD) for _number in range(1002)]
    records[1001]["Title"] = {"a"}
    with pytest.raises(RequestRefused, match="Record 1002: Title: ") as refusal:
        client.insert("Lead", records)
    assert len(refusal.value.results) == org.count_leads() == 1000


@pytest.mark.parametrize("transport", ["rest", "bulk"])
def test_a_name_that_is_no_text(client, org, transport):
    with pytest.raises(RequestRefused, match="Record 2: The name of a field is a text") as refusal:
        client.insert("Lead", [GOOD, {1: "x"}], transport=transport)
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert org.count_leads() == 0


@pytest.mark.parametrize("transport", ["rest", "bulk"])
def test_records_of_a_query_may_be_written_back(client, org, transport):
    client.insert("Lead", [GOOD, GOOD])
    found = list(client.query("SELECT Id, Title FROM Lead"))
    assert found[0]["attributes"]["type"] == "Lead"
    changed = [{**record, "Title": "Dr"} for record in found]
    assert all(result.success for result in client.update("lead", changed, transport=transport))
    assert [lead["Title"] for lead in org.leads()] == ["Dr", "Dr"]


def test_any_mapping_is_a_record(client, org):
    from types import MappingProxyType

    assert client.insert("Lead", [MappingProxyType(GOOD)])[0].success
