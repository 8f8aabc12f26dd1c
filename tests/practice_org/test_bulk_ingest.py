"""Bulk API 2.0 ingest, step by step, as a client without a library meets it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.practice_org.api import KEY, error


CSV = {"Content-Type": "text/csv"}
UPSERT = {"object": "Lead", "operation": "upsert", "externalIdFieldName": KEY}


class Bulk:
    """One job."""

    def __init__(self, api, **asked):
        self.api = api
        response = api.post("/jobs/ingest", {**UPSERT, **asked})
        assert response.status_code == 200, response.text
        self.created = response.json()
        self.path = f"/jobs/ingest/{self.created['id']}"

    def put(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        return self.api.call("PUT", f"{self.path}/batches", data=data, headers=CSV)

    def set(self, state):
        return self.api.patch(self.path, {"state": state})

    def look(self):
        return self.api.get(self.path).json()

    def run(self, text):
        assert self.put(text).status_code == 201
        assert self.set("UploadComplete").status_code == 200
        return self.look()

    def results(self, kind):
        response = self.api.get(f"{self.path}/{kind}/")
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "text/csv"
        response.encoding = "utf-8"
        return list(csv.DictReader(io.StringIO(response.text, newline="")))


def rows(*lines, header=f"{KEY},LastName,Company"):
    return "\n".join([header, *lines]) + "\n"


def test_a_job_from_its_creation_to_its_results(api, org):
    old = api.create(**{KEY: "a1"})
    job = Bulk(api)
    assert job.created == {
        "id": job.created["id"],
        "operation": "upsert",
        "object": "Lead",
        "createdById": job.created["createdById"],
        "createdDate": job.created["createdDate"],
        "systemModstamp": job.created["createdDate"],
        "state": "Open",
        "externalIdFieldName": KEY,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 66.0,
        "contentUrl": f"services/data/v66.0{job.path}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert job.created["id"].startswith("750")
    put = job.put(rows("a1,Lovelace,Engines", 'a2,"O""Hara, ""Jr""",Engines', "a3,,Engines"))
    assert (put.status_code, put.content) == (201, b"")
    closed = job.set("UploadComplete").json()
    assert closed["state"] == "UploadComplete"
    assert "contentUrl" not in closed
    assert "lineEnding" not in closed
    info = job.look()
    assert info["state"] == "JobComplete"
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (3, 1)
    assert info["jobType"] == "V2Ingest"
    done = {row[KEY]: row for row in job.results("successfulResults")}
    assert (done["a1"]["sf__Id"], done["a1"]["sf__Created"]) == (old, "false")
    assert (done["a2"]["sf__Created"], done["a2"]["LastName"]) == ("true", 'O"Hara, "Jr"')
    [refused] = job.results("failedResults")
    assert refused["sf__Error"] == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    )
    assert (refused["sf__Id"], refused[KEY]) == ("", "a3")
    assert job.results("unprocessedrecords") == []
    assert {lead["LastName"] for lead in org.leads()} == {"Lovelace", 'O"Hara, "Jr"'}


def test_every_request_of_a_job_counts_as_one_call(api, org):
    org.clear_calls()
    job = Bulk(api)
    job.run(rows("a1,Lovelace,Engines"))
    for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
        job.results(kind)
    assert len(org.calls(counted=True)) == 7


def test_an_empty_cell_is_ignored_and_not_available_clears(api):
    lead = api.create(**{KEY: "a1", "Title": "Dr", "City": "York"})
    Bulk(api).run(rows("a1,,#N/A", header=f"{KEY},Title,City"))
    assert (api.read(lead)["Title"], api.read(lead)["City"]) == ("Dr", None)


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("NumberOfEmployees", "many", "xsd:int"),
        ("AnnualRevenue", "1,5", "xsd:double"),
        ("IsUnreadByOwner", "perhaps", "xsd:boolean"),
    ],
)
def test_a_wrong_type_spoils_its_row_only(api, column, cell, wanted):
    job = Bulk(api)
    header = f"{KEY},LastName,Company,{column}"
    job.run(rows(f'a1,Doe,Acme,"{cell}"', "a2,Roe,Acme,1", header=header))
    [refused] = job.results("failedResults")
    assert refused["sf__Error"] == (
        f"INVALID_FIELD:Failed to deserialize field at col 3. Due to, '{cell}' is not a valid"
        f" value for the type {wanted}:{column} --"
    )
    assert [row[KEY] for row in job.results("successfulResults")] == ["a2"]


def test_an_unknown_column_spoils_the_job(api, org):
    job = Bulk(api)
    info = job.run(rows("a1,Doe,Acme", header=f"{KEY},LastName,Nothing"))
    assert info["state"] == "Failed"
    assert info["errorMessage"] == "InvalidBatch : Field name not found : Nothing"
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (0, 0)
    assert [row[KEY] for row in job.results("unprocessedrecords")] == ["a1"]
    assert org.leads() == []


@pytest.mark.parametrize("ending", ["LF", "CRLF"])
def test_line_ends_must_be_those_of_the_job(api, ending):
    text = rows("a1,Doe,Acme")
    other = text if ending == "CRLF" else text.replace("\n", "\r\n")
    info = Bulk(api, lineEnding=ending).run(other)
    assert info["state"] == "Failed"
    assert info["errorMessage"].startswith("LineEnding is invalid on user data.")
    good = text.replace("\n", "\r\n") if ending == "CRLF" else text
    assert Bulk(api, lineEnding=ending).run(good)["state"] == "JobComplete"


def test_a_space_beside_a_quotation_mark_spoils_its_row_only(api):
    job = Bulk(api)
    info = job.run(
        rows('a1, "Doe",Acme', 'a2,"Doe" ,Acme', 'a3,"Line\nbreak",Acme', "a4, Roe,Acme")
    )
    assert (info["state"], info["numberRecordsFailed"]) == ("JobComplete", 2)
    done = {row[KEY]: row["LastName"] for row in job.results("successfulResults")}
    # Values are not trimmed.
    assert done == {"a3": "Line\nbreak", "a4": " Roe"}


def test_a_key_named_twice_within_200_rows_fails_both(api):
    job = Bulk(api)
    job.run(rows("a1,Doe,Acme", "A1,Roe,Acme", "a2,Poe,Acme"))
    assert [row[KEY] for row in job.results("successfulResults")] == ["a2"]
    assert {row["sf__Error"].partition(":")[0] for row in job.results("failedResults")} == {
        "DUPLICATE_VALUE"
    }


def test_rows_are_done_some_at_each_look(api, org):
    org.options(bulk_rows_at_once=200)
    job = Bulk(api)
    first = job.run(rows(*(f"a{number},Doe,Acme" for number in range(450))))
    assert (first["state"], first["numberRecordsProcessed"]) == ("InProgress", 200)
    assert error(api.get(f"{job.path}/successfulResults"))["errorCode"] == "INVALIDJOBSTATE"
    assert job.look()["numberRecordsProcessed"] == 400
    assert job.set("Aborted").json()["state"] == "Aborted"
    assert len(job.results("successfulResults")) == 400
    assert [row[KEY] for row in job.results("unprocessedrecords")] == [
        f"a{number}" for number in range(400, 450)
    ]


def test_a_job_may_fail_on_the_way(api, org):
    org.options(bulk_rows_at_once=200)
    job = Bulk(api)
    job.run(rows(*(f"a{number},Doe,Acme" for number in range(250))))
    org.fault("job_failed", message="InternalServerError : retries exceeded", count=1)
    info = job.look()
    assert (info["state"], info["errorMessage"]) == (
        "Failed",
        "InternalServerError : retries exceeded",
    )
    assert len(job.results("successfulResults")) == 200
    assert len(job.results("unprocessedrecords")) == 50


def test_row_faults_strike_bulk_rows_too(api, org):
    org.fault("row_lock", external_ids=["a2"], count=1)
    job = Bulk(api)
    job.run(rows("a1,Doe,Acme", "a2,Roe,Acme"))
    [refused] = job.results("failedResults")
    assert refused["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"operation": "mend"}, "Unsupported operation: mend"),
        ({"object": "Nothing__c"}, "Unable to find object: Nothing__c"),
        ({"externalIdFieldName": None}, "External ID was blank for Lead."),
        (
            {"externalIdFieldName": "Website"},
            "Field name provided, Website does not match an External ID, Salesforce Id, or"
            " indexed field for Lead",
        ),
        ({"columnDelimiter": "HASH"}, "Unsupported columnDelimiter: HASH"),
        ({"lineEnding": "CR"}, "Unsupported lineEnding: CR"),
        ({"assignmentRuleId": "01Q000000000001"}, "AssignmentRule not found: 01Q000000000001"),
    ],
)
def test_a_job_that_cannot_be(api, asked, text):
    response = api.post("/jobs/ingest", {**UPSERT, **asked})
    refused = error(response)
    assert (response.status_code, refused["errorCode"]) == (400, "INVALIDJOB")
    assert refused["message"].startswith(f"InvalidJob : {text}")


def test_the_assignment_rule_of_the_job(api, org):
    owner = api.create()
    owner = api.read(owner)["OwnerId"]
    rule = {"id": "01Q000000000001AAA", "owner_id": "005Pr0000000002AAA"}
    org.options(assignment_rule=rule)
    Bulk(api).run(rows("a1,Doe,Acme"))
    Bulk(api, assignmentRuleId=rule["id"]).run(rows("a2,Doe,Acme"))
    owners = {lead[KEY]: lead["OwnerId"] for lead in org.leads() if lead.get(KEY)}
    assert owners == {"a1": owner, "a2": rule["owner_id"]}


def test_states_allow_what_they_allow(api):
    job = Bulk(api)
    assert error(api.delete(job.path))["errorCode"] == "INVALIDJOBSTATE"
    assert job.put(rows("a1,Doe,Acme")).status_code == 201
    assert error(job.put(rows("a1,Doe,Acme")))["errorCode"] == "INVALIDJOBSTATE"
    job.set("UploadComplete")
    assert error(job.set("UploadComplete"))["errorCode"] == "INVALIDJOBSTATE"
    assert error(job.set("Whatever"))["errorCode"] == "INVALIDJOBSTATE"
    job.look()
    assert error(job.set("Aborted"))["errorCode"] == "INVALIDJOBSTATE"
    listed = api.get("/jobs/ingest").json()
    assert [each["id"] for each in listed["records"]] == [job.created["id"]]
    assert api.delete(job.path).status_code == 204
    missing = api.get(job.path)
    assert (missing.status_code, error(missing)["errorCode"]) == (404, "NOT_FOUND")


def test_only_csv_is_taken(api):
    job = Bulk(api)
    response = api.call("PUT", f"{job.path}/batches", data=b"{}", headers={"Content-Type": "a/b"})
    assert (response.status_code, error(response)["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    info = job.run(b"\xff\xfe" + rows("a1,Doe,Acme").encode())
    assert info["state"] == "Failed"


def test_a_small_job_may_be_created_with_its_data(api, org):
    parts = {
        "job": (None, json.dumps(UPSERT), "application/json"),
        "content": ("content", rows("a1,Doe,Acme"), "text/csv"),
    }
    response = api.call("POST", "/jobs/ingest", files=parts)
    assert response.status_code == 200, response.text
    assert response.json()["state"] == "UploadComplete"
    assert api.get(f"/jobs/ingest/{response.json()['id']}").json()["state"] == "JobComplete"
    assert [lead[KEY] for lead in org.leads()] == ["a1"]


def test_updates_and_deletions_go_by_id(api, org):
    lead = api.create(**{KEY: "a1"})
    update = Bulk(api, operation="update", externalIdFieldName=None)
    update.run(rows(f"{lead},Prof", header="Id,Title"))
    assert api.read(lead)["Title"] == "Prof"
    delete = Bulk(api, operation="delete", externalIdFieldName=None)
    delete.run(rows(lead, "00Q000000000001", header="Id"))
    assert [row["sf__Id"] for row in delete.results("successfulResults")] == [lead]
    [refused] = delete.results("failedResults")
    assert refused["sf__Error"].startswith("INVALID_CROSS_REFERENCE_KEY:")
    assert org.leads() == []
