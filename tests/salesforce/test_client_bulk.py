"""Writing many records by Bulk API 2.0 behind the same four verbs, against the practice org."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy

from tests.salesforce.bulk_records import JOB, KEY, job_of, leads, people
from wagtail_salesforce.exceptions import (
    RequestRefused,
)
from wagtail_salesforce.salesforce import spool


def test_over_two_thousand_records_are_one_job(client, org):
    records = people(2001)
    records[5] = {"LastName": "Nobody"}
    results = client.insert("Lead", iter(records))
    assert len(org.calls(path=JOB)) == len(org.calls(counted=True)) == 6
    assert results[5].code == "REQUIRED_FIELD_MISSING"
    assert results[5].fields == ("Company",)
    by_id = {lead["Id"]: lead["LastName"] for lead in org.leads()}
    found = [by_id[result.id] for result in results if result.success]
    assert found == [f"Lead {number}" for number in range(2001) if number != 5]
    assert all(result.created for result in results if result.success)


def test_two_thousand_records_are_no_job(client, org):
    client.insert("Lead", people(2000))
    assert org.calls(path=JOB) == []


def test_a_single_record_by_bulk(client, org):
    result = client.insert("Lead", people(1)[0], transport="bulk")
    assert (result.success, result.id) == (True, org.leads()[0]["Id"])
    assert client.insert("Lead", [], transport="bulk") == []


def test_every_verb_goes_by_bulk(client, org, small_jobs):
    results = client.upsert("Lead", KEY, iter(leads(7)), transport="bulk")
    assert [result.created for result in results] == [True] * 7
    again = client.upsert("Lead", KEY, leads(7, Title="Dr"), transport="bulk")
    assert [(result.id, result.created) for result in again] == [(r.id, False) for r in results]
    changes = [{"Id": result.id, "Company": f"Beta {n}"} for n, result in enumerate(results)]
    changed = client.update("Lead", changes, transport="bulk")
    assert [result.id for result in changed] == [result.id for result in results]
    found = {lead["Id"]: (lead["Company"], lead["Title"]) for lead in org.leads()}
    assert [found[result.id] for result in results] == [(f"Beta {n}", "Dr") for n in range(7)]
    ids = [result.id for result in results]
    deleted = client.delete("Lead", [*ids, ids[0]], transport="bulk")
    assert [result.success for result in deleted] == [True] * 7 + [False]
    assert deleted[7].code == "ENTITY_IS_DELETED"
    assert org.count_leads() == 0


def test_values_are_written_as_in_rest(client, org):
    org.add_field("Lead", name="Agreed__c", label="Agreed", type="boolean")
    org.add_field("Lead", name="Born__c", label="Born", type="date")
    values = {
        "LastName": gettext_lazy("Lovelace"),
        "Company": "Acme",
        "Agreed__c": True,
        "Born__c": date(1815, 12, 10),
        "AnnualRevenue": Decimal("1250.00"),
        "Latitude": Decimal("51.5"),
        "Longitude": -0.25,
        "NumberOfEmployees": 3,
        "Title": "Countess",
        "Phone": "+44 1",
    }
    by_rest = client.insert("Lead", values)
    by_bulk = client.insert("Lead", [values], transport="bulk")[0]
    changes = {
        "EmailBouncedDate": datetime(2026, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=2))),
        "EmailBouncedReason": "none",
        "Title": None,
        "Phone": "",
        "Agreed__c": False,
    }
    client.update("Lead", {"Id": by_rest.id, **changes})
    client.update("Lead", [{"Id": by_bulk.id, **changes}], transport="bulk")
    names = [*values, *changes]
    one, other = ({name: lead[name] for name in names} for lead in org.leads())
    assert one == other
    assert (one["Title"], one["Phone"], one["NumberOfEmployees"]) == (None, None, 3)


def test_what_is_absent_stays(client, org):
    ids = [result.id for result in client.insert("Lead", people(2, Title="Dr", City="Rome"))]
    records = [{"Id": ids[0], "Title": "Prof"}, {"Id": ids[1], "City": None}]
    client.update("Lead", records, transport="bulk")
    found = {lead["Id"]: (lead["Title"], lead["City"]) for lead in org.leads()}
    assert [found[id] for id in ids] == [("Prof", "Rome"), ("Dr", None)]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Username": "x"}, "record or list"),
        (["a"], "record or list"),
        ("#N/A", "#N/A"),
        (float("nan"), "finite"),
        (Decimal("Infinity"), "finite"),
        (datetime(2026, 1, 1), "time zone"),
        (object(), "object"),
        ("\ud800", "surrogates"),
    ],
)
def test_what_csv_cannot_say_is_refused_with_its_number(client, org, small_jobs, value, words):
    records = people(5)
    records[4]["Title"] = value
    with pytest.raises(RequestRefused) as refusal:
        client.insert("Lead", records, transport="bulk")
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert refusal.value.message.startswith("Record 5: Title: ")
    assert refusal.value.fields == ("Title",)
    assert words in refusal.value.message
    # The first job was full and is done.
    assert len(refusal.value.results) == org.count_leads() == 3


@pytest.mark.parametrize("name", ["Owner.Username", "", "Shoe size"])
def test_what_can_be_no_column_is_refused_with_its_number(client, org, small_jobs, name):
    with pytest.raises(RequestRefused, match="^Record 5: .*API name") as refusal:
        client.insert("Lead", [*people(4), {name: "x"}], transport="bulk")
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert refusal.value.fields == ((name,) if name else ())
    assert len(refusal.value.results) == org.count_leads() == 3


def test_no_digit_of_a_decimal_is_lost(client, org):
    result = client.insert(
        "Lead", people(1, AnnualRevenue=Decimal("12345678901234.567")), transport="bulk"
    )
    assert result[0].success
    (row,) = client.bulk.succeeded(job_of(org))
    assert row["AnnualRevenue"] == "12345678901234.567"


def test_a_job_is_full_by_bytes_too(client, org, monkeypatch):
    monkeypatch.setattr(spool, "MOST_BYTES", 600)
    records = people(40)
    for number, record in enumerate(records):
        record[f"{['Title', 'City', 'Street'][number // 15]}"] = "x" * (number % 7 * 5)
    results = client.insert("Lead", records, transport="bulk")
    uploads = org.calls(path="/batches")
    assert len(uploads) > 2
    assert all(int(call["headers"]["content-length"]) <= 600 for call in uploads)
    names = {lead["Id"]: lead["LastName"] for lead in org.leads()}
    assert [names[result.id] for result in results] == [r["LastName"] for r in records]


def test_a_generator_is_read_job_by_job(client, org, small_jobs):
    seen = []

    def records():
        for number, record in enumerate(people(8)):
            if number in (3, 4, 7):
                seen.append(org.count_leads())
            yield record

    assert len(client.insert("Lead", records(), transport="bulk")) == 8
    # The fourth record is what tells that the first job is full.
    assert seen == [0, 3, 6]
