"""The results of a Bulk job find their records, in whatever order and form they come."""

from __future__ import annotations

import csv
import io
import random

from tests.salesforce.bulk_records import KEY, people
from tests.salesforce.scripted import Reply, scripted


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
