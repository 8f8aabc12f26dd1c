"""What goes wrong around a Bulk job: passing trouble, failed jobs, and what is given up."""

from __future__ import annotations

import pytest

from tests.salesforce.bulk_records import JOB, job_of, people
from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import (
    ConnectorError,
    JobUnfinished,
    NotAuthorized,
    Stopped,
    Transient,
)
from wagtail_salesforce.salesforce import by_bulk


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
