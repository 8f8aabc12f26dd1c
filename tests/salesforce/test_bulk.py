"""Bulk jobs through the client, against the practice org."""

from __future__ import annotations

import io

import pytest

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import RequestRefused, Transient
from wagtail_salesforce.salesforce.bulk import CLEARED
from wagtail_salesforce.salesforce.bulk_results import refused, saved


KEY = "Web_Contact_ID__c"
HEADER = f"{KEY},LastName,Company,Title\n"


def file(*lines):
    return io.BytesIO((HEADER + "".join(f"{line}\n" for line in lines)).encode())


def begun(client, *lines):
    job = client.bulk.create("Lead", "upsert", external_id_field=KEY)
    client.bulk.upload(job.id, file(*lines))
    return client.bulk.close(job.id)


def test_a_job_from_its_creation_to_its_results(client, org):
    job = begun(client, 'a1,"Ó""Hara\nJr",Acme,', "a2,,Acme,Dr")
    assert (job.state, job.has_ended) == ("UploadComplete", False)
    job = client.bulk.look(job.id)
    assert (job.state, job.processed, job.failed, job.error) == ("JobComplete", 2, 1, "")
    assert job.has_ended
    [row] = client.bulk.succeeded(job.id)
    assert (row[KEY], row["LastName"]) == ("a1", 'Ó"Hara\nJr')
    assert saved(row) == (True, org.leads()[0]["Id"], True, "", "", ())
    [row] = client.bulk.failed(job.id)
    assert row[KEY] == "a2"
    told = refused(row)
    assert (told.code, told.fields) == ("REQUIRED_FIELD_MISSING", ("LastName",))
    assert told.message == "Required fields are missing: [LastName]"
    assert list(client.bulk.unprocessed(job.id)) == []
    client.bulk.delete(job.id)
    with pytest.raises(RequestRefused):
        client.bulk.look(job.id)


def test_values_are_cleared(client, org):
    begun_job = begun(client, "a1,Doe,Acme,Dr")
    client.bulk.look(begun_job.id)
    begun_job = begun(client, f"a1,,,{CLEARED}")
    client.bulk.look(begun_job.id)
    [lead] = org.leads()
    assert (lead["LastName"], lead.get("Title")) == ("Doe", None)


def test_a_job_that_fails_or_is_aborted_leaves_rows_undone(client, org):
    org.options(bulk_rows_at_once=200)
    lines = [f"a{number},Doe,Acme," for number in range(300)]
    job = begun(client, *lines)
    assert client.bulk.look(job.id).state == "InProgress"
    assert client.bulk.abort(job.id).state == "Aborted"
    assert len(list(client.bulk.unprocessed(job.id))) == 100
    job = begun(client, *lines)
    org.fault("job_failed", message="InternalServerError : x", count=1)
    job = client.bulk.look(job.id)
    assert (job.state, job.error) == ("Failed", "InternalServerError : x")


def test_a_lost_answer_to_the_closing_is_found_out(client, org):
    job = client.bulk.create("Lead", "upsert", external_id_field=KEY)
    client.bulk.upload(job.id, file("a1,Doe,Acme,"))
    org.fault("drop_after", path=job.id, count=1)
    assert client.bulk.close(job.id).state == "JobComplete"
    assert org.count_leads() == 1


def test_a_job_that_cannot_be_closed_is_told(client):
    job = client.bulk.create("Lead", "upsert", external_id_field=KEY)
    client.bulk.abort(job.id)
    with pytest.raises(RequestRefused) as refusal:
        client.bulk.close(job.id)
    assert refusal.value.code == "INVALIDJOBSTATE"


def test_an_upload_whose_answer_got_lost_is_not_repeated(client, org):
    job = client.bulk.create("Lead", "upsert", external_id_field=KEY)
    org.fault("drop_after", path="/batches", count=1)
    org.clear_calls()
    with pytest.raises(Transient):
        client.bulk.upload(job.id, file("a1,Doe,Acme,"))
    assert len(org.calls(path="/batches")) == 1


def test_an_expired_token_is_renewed_and_the_whole_file_sent(make_client, org):
    tokens = []

    def refresh(refused_token):
        tokens.append(refused_token)
        return org.client_credentials_token()["access_token"]

    client = make_client(org.url, org.client_credentials_token()["access_token"], refresh=refresh)
    job = client.bulk.create("Lead", "upsert", external_id_field=KEY)
    org.expire_tokens()
    client.bulk.upload(job.id, file("a1,Doe,Acme,", "a2,Roe,Acme,"))
    client.bulk.close(job.id)
    assert client.bulk.look(job.id).processed == 2
    assert len(tokens) == 1


def test_results_that_break_off_are_no_results(client, org):
    job = begun(client, *(f"a{number},Doe,Acme," for number in range(20)))
    client.bulk.look(job.id)
    org.fault("truncate", path="successfulResults", count=10)
    with pytest.raises(Transient):
        list(client.bulk.succeeded(job.id))


@pytest.mark.parametrize(
    ("told", "code", "message", "fields"),
    [
        ("A_B:Too long: a:b:LastName,Title --", "A_B", "Too long: a:b", ("LastName", "Title")),
        ("A_B:Nothing known: --", "A_B", "Nothing known", ()),
        ("A_B:text:--", "UNKNOWN_EXCEPTION", "A_B:text:--", ()),
        ("", "UNKNOWN_EXCEPTION", "", ()),
        ("A_B:two\nlines:Name --\n", "A_B", "two\nlines", ("Name",)),
    ],
)
def test_errors_of_rows(told, code, message, fields):
    result = refused({"sf__Error": told, "sf__Id": ""})
    assert (result.code, result.message, result.fields) == (code, message, fields)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": "x", "state": "Open"}', b'{"state": 1}'])
def test_an_answer_that_cannot_be_read(make_client, body):
    with scripted(Reply(body)) as server, pytest.raises(Transient):
        make_client(server.url).bulk.look("750000000000001")
