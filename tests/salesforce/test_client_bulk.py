"""Writing many records by Bulk API 2.0 behind the same four verbs, against the practice org."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import (
    ConnectorError,
    JobUnfinished,
    NotAuthorized,
    RequestRefused,
    Stopped,
    Transient,
)
from wagtail_salesforce.salesforce import by_bulk, spool


KEY = "Web_Contact_ID__c"
JOB = "jobs/ingest"


def people(count, **more):
    return [{"LastName": f"Lead {number}", "Company": "Acme", **more} for number in range(count)]


def leads(count, **more):
    return [{KEY: f"{n:032x}", **person} for n, person in enumerate(people(count, **more))]


def steps(org):
    """What was asked of the jobs."""
    calls = org.calls(counted=True)
    return [f"{call['method']} {call['path'].rpartition('/')[2]}"[:15] for call in calls]


def job_of(org):
    return next(
        call["path"].split("/")[-2] for call in org.calls() if call["path"].endswith("/batches")
    )


@pytest.fixture
def small_jobs(monkeypatch):
    """Jobs of three rows."""
    monkeypatch.setattr(spool, "MOST_ROWS", 3)


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


def test_results_find_their_records_whatever_they_look_like(client, org):
    """Repeated, without a key, with the same key, refused, in random order: each has its own."""
    rng = random.Random(7)
    pool = [
        {"LastName": "Twin", "Company": "Acme"},
        {"LastName": "Twin", "Company": "Acme", "Title": "Dr"},
        {"LastName": "Twin", "Company": "Acme", "Title": None},
        {"lastname": "Case", "company": "Acme"},
        {"LastName": 'Quoted, "so"\nand so', "Company": "Acme"},
        {"LastName": "Carriage\rreturn", "Company": "Acme"},
        {"LastName": "  blanks  ", "Company": "Ácme 😀"},
        {"LastName": "", "Company": "Acme"},
        {"LastName": None, "Company": "Acme"},
        {"Company": "Acme"},
        {"LastName": "No company"},
        {},
    ]
    records = [dict(rng.choice(pool)) for _record in range(500)]
    results = client.insert("Lead", records, transport="bulk")
    by_id = {lead["Id"]: lead for lead in org.leads()}
    assert len({result.id for result in results if result.success}) == len(by_id)
    for record, result in zip(records, results, strict=True):
        values = {name.lower(): value for name, value in record.items()}
        assert result.success == bool(values.get("lastname") and values.get("company"))
        if result.success:
            lead = by_id[result.id]
            told = (lead["LastName"], lead["Company"], lead["Title"])
            assert told == (values["lastname"], values["company"], values.get("title"))


def test_the_same_key_twice_and_no_key(client, org):
    same = {KEY: "same", "Company": "Acme"}
    records = [{**same, "LastName": "One"}, {"LastName": "Two", "Company": "Acme"}]
    records += people(200) + [{**same, "LastName": "Three"}]
    results = client.upsert("Lead", KEY, records, transport="bulk")
    # In different chunks of 200 the first row makes the lead and the other one changes it.
    assert [results[0].created, results[-1].created] == [True, False]
    assert results[0].id == results[-1].id
    assert {result.code for result in results[1:-1]} == {"MISSING_ARGUMENT"}
    assert [lead["LastName"] for lead in org.leads()] == ["Three"]


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
        (Decimal("Infinity"), ""),
        (datetime(2026, 1, 1), "time zone"),
        (object(), "object"),
        ("\ud800", ""),
    ],
)
def test_what_csv_cannot_say_is_refused_with_its_number(client, org, small_jobs, value, words):
    records = people(5)
    records[4]["Title"] = value
    with pytest.raises(RequestRefused) as refusal:
        client.insert("Lead", records, transport="bulk")
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert refusal.value.message.startswith("Record 5: ")
    assert words in refusal.value.message
    # The first job was full and is done.
    assert len(refusal.value.results) == org.count_leads() == 3


def test_records_of_another_object_are_refused(client, org):
    records = [
        {"attributes": {"type": "lead", "url": "x"}, "LastName": "Doe", "Company": "A"},
        {"attributes": {"type": "Contact"}, "LastName": "Doe"},
    ]
    with pytest.raises(RequestRefused, match="Record 2: .* Lead, not Contact"):
        client.insert("Lead", records, transport="bulk")
    assert client.insert("Lead", records[:1], transport="bulk")[0].success
    with pytest.raises(ValueError, match="API name"):
        client.insert("Lead", [{"Owner.Username": "x"}], transport="bulk")


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


def test_a_job_that_fails_tells_of_every_row(client, org):
    org.options(bulk_rows_at_once=200)
    org.fault("job_failed", message="InternalServerError : x", skip=1, count=1)
    records = people(300, Title="Dr")
    results = client.insert("Lead", records, transport="bulk")
    assert [result.success for result in results] == [True] * 200 + [False] * 100
    assert {result.code for result in results[200:]} == {"NOT_PROCESSED"}
    assert "InternalServerError : x" in results[299].message
    assert org.count_leads() == 200


def test_an_unknown_field_fails_the_job(client, org):
    results = client.insert("Lead", people(3, Shoesize="42"), transport="bulk")
    assert [result.code for result in results] == ["NOT_PROCESSED"] * 3
    assert "Shoesize" in results[0].message


def test_a_wrong_type_is_an_error_of_its_row(client):
    results = client.insert(
        "Lead", people(2) + [{**people(1)[0], "NumberOfEmployees": "many"}], transport="bulk"
    )
    assert [result.code for result in results] == ["", "", "INVALID_FIELD"]


def test_the_job_is_looked_at_with_growing_pauses(org, make_client):
    pauses = []
    token = org.client_credentials_token()["access_token"]
    client = make_client(org.url, token, sleep=pauses.append)
    org.options(bulk_rows_at_once=200)
    client.insert("Lead", people(1500), transport="bulk")
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


PASSING = ["unavailable_html", "drop_before", "drop_after", "concurrent_limit"]


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("path", [JOB, "/batches", "/750", "Results"])
def test_a_passing_trouble_at_any_step_is_outlived(client, org, kind, path):
    org.fault(kind, count=2, path=path)
    results = client.insert("Lead", people(3), transport="bulk")
    assert [result.success for result in results] == [True] * 3
    assert org.count_leads() == 3


def test_results_that_break_off_are_fetched_again(client, org):
    org.fault("truncate", count=2, path="successfulResults")
    results = client.insert("Lead", people(300), transport="bulk")
    names = {lead["Id"]: lead["LastName"] for lead in org.leads()}
    assert [names[result.id] for result in results] == [f"Lead {n}" for n in range(300)]


def test_a_broken_upload_is_aborted_and_does_nothing(client, org):
    org.fault("drop_after", path="/batches")
    with pytest.raises(Transient) as trouble:
        client.insert("Lead", people(3), transport="bulk")
    assert trouble.value.job_id == ""
    org.clear_faults()
    assert client.bulk.look(job_of(org)).state == "Aborted"
    assert org.count_leads() == 0


def test_a_lasting_trouble_after_the_upload_tells_the_job(client, org, small_jobs):
    org.fault("unavailable_html", path="successfulResults", skip=1)
    with pytest.raises(Transient) as trouble:
        client.insert("Lead", people(5), transport="bulk")
    org.clear_faults()
    assert len(trouble.value.results) == 3
    rows = list(client.bulk.succeeded(trouble.value.job_id))
    assert {row["LastName"] for row in rows} == {"Lead 3", "Lead 4"}


def test_a_token_that_expires_while_waiting(client, org):
    org.fault("expire_session", path="/750", skip=2, count=1)
    with pytest.raises(NotAuthorized) as stop:
        client.insert("Lead", people(3), transport="bulk")
    assert stop.value.job_id == job_of(org)


def test_a_job_that_never_ends_is_given_up(client, org, monkeypatch):
    monkeypatch.setattr(by_bulk, "PATIENCE", 100)
    org.options(bulk_rows_at_once=200)
    assert len(client.insert("Lead", people(2500))) == 2500
    job = {"id": "750000000000001AAA", "state": "InProgress", "numberRecordsProcessed": 200}
    unused = Reply(job)
    with scripted(unused) as server, pytest.raises(JobUnfinished) as error:
        make = type(client)
        with make(
            instance_url=server.url,
            access_token="t",
            api_version="66.0",
            allow_loopback=True,
            sleep=lambda seconds: None,
        ) as other:
            other.insert("Lead", people(3), transport="bulk")
    assert error.value.job_id == job["id"]
    assert isinstance(error.value, ConnectorError) and not isinstance(error.value, Transient)


def test_no_job_is_begun_that_cannot_be_followed(client, org):
    def foresee(calls):
        if calls > 9:
            raise Stopped(code="api_reserve")

    client.foresee = foresee
    with pytest.raises(Stopped):
        client.insert("Lead", people(3), transport="bulk")
    assert org.calls(counted=True) == []


def served(header, *rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return Reply(out.getvalue())


def replies(done, *files):
    job = {"id": "750000000000001AAA", "state": "Open"}
    return [
        Reply(job),
        Reply("", 201),
        Reply({**job, "state": "UploadComplete"}),
        Reply({**job, **done}),
        *files,
    ]


def test_results_that_come_in_another_form_are_still_found(make_client):
    """Columns in another order and case, without blanks, other line ends, #N/A as empty."""
    done = {"state": "JobComplete", "numberRecordsProcessed": 3, "numberRecordsFailed": 1}
    good = served(
        ["sf__Id", "sf__Created", "TITLE", "lastname"],
        ["2", "true", "", "Two"],
        ["0", "true", "a\nb", "One"],
    )
    bad = served(
        ["sf__Id", "sf__Error", "Title", "LastName"], ["", "X_Y:no:Title --", "c", "Three"]
    )
    records = [
        {"LastName": " One ", "Title": "a\r\nb"},
        {"LastName": "Three", "Title": "c"},
        {"LastName": "Two", "Title": None},
    ]
    with scripted(*replies(done, good, bad)) as server:
        results = make_client(server.url).insert("Lead", records, transport="bulk")
    assert [(result.id, result.code) for result in results] == [("0", ""), ("", "X_Y"), ("2", "")]


def test_keys_find_records_whose_results_look_altogether_different(make_client):
    done = {"state": "JobComplete", "numberRecordsProcessed": 2}
    good = served(
        ["sf__Id", "sf__Created", KEY, "Title"], ["2", "true", "b", "?"], ["1", "false", "a", "?"]
    )
    records = [{KEY: "a", "Title": "x"}, {KEY: "b", "Title": "y"}]
    with scripted(*replies(done, good)) as server:
        results = make_client(server.url).upsert("Lead", KEY, records, transport="bulk")
    assert [(result.id, result.created) for result in results] == [("1", False), ("2", True)]


def test_a_record_that_no_result_speaks_of(make_client):
    done = {"state": "JobComplete", "numberRecordsProcessed": 2}
    good = served(["sf__Id", "sf__Created", "LastName"], ["1", "true", "Lead 0"])
    with scripted(*replies(done, good, served(["LastName"]))) as server:
        results = make_client(server.url).insert(
            "Lead", [{"LastName": "Lead 0"}, {"LastName": "?"}], transport="bulk"
        )
    assert [(result.success, result.code) for result in results] == [
        (True, ""),
        (False, "RESULT_UNKNOWN"),
    ]
