"""send_batch: one call for one to five chunks, answers in their places."""

from __future__ import annotations

import json

import pytest

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import (
    Action,
    RequestRefused,
    Stopped,
    Transient,
)
from wagtail_salesforce.salesforce.client import Chunk


KEY = "Web_Contact_ID__c"
OFF = {"Sforce-Auto-Assign": "FALSE"}


def upserts(start, count, **more):
    return Chunk(
        "upsert",
        "Lead",
        KEY,
        [
            {KEY: f"{n:032x}", "LastName": f"Lead {n}", "Company": "Acme", **more}
            for n in range(start, start + count)
        ],
    )


def names(org):
    return {lead["Id"]: lead["LastName"] for lead in org.leads()}


def test_one_chunk_is_one_collections_call(client, org):
    (rows,) = client.send_batch([upserts(0, 3)], headers=OFF)
    assert [names(org)[row.id] for row in rows] == ["Lead 0", "Lead 1", "Lead 2"]
    (call,) = org.calls(counted=True)
    assert call["path"].endswith(f"/composite/sobjects/Lead/{KEY}")


def test_a_thousand_records_are_one_call_and_stay_in_order(client, org):
    chunks = [upserts(start, 200) for start in range(0, 1000, 200)]
    answers = client.send_batch(chunks, headers=OFF)
    found = names(org)
    assert [found[row.id] for rows in answers for row in rows] == [f"Lead {n}" for n in range(1000)]
    assert all(row.created for rows in answers for row in rows)
    assert client.calls == len(org.calls(counted=True)) == 1


def test_a_value_that_looks_like_a_reference_arrives_as_it_is(client, org):
    chunks = [upserts(0, 2), upserts(2, 1, LastName="@{b0.id}")]
    first, second = client.send_batch(chunks, headers=OFF)
    assert names(org)[second[0].id] == "@{b0.id}"
    assert [row.success for row in first] == [True, True]
    assert client.calls == 2


def test_updates_and_upserts_travel_together(client, org):
    (rows,) = client.send_batch([upserts(0, 2)], headers=OFF)
    changes = Chunk("update", "Lead", "", [{"Id": row.id, "Company": "Beta"} for row in rows])
    changed, created = client.send_batch([changes, upserts(2, 1)], headers=OFF)
    assert [row.id for row in changed] == [row.id for row in rows]
    assert not any(row.created for row in changed)
    assert created[0].created
    assert sorted(lead["Company"] for lead in org.leads()) == ["Acme", "Beta", "Beta"]


def test_a_bad_row_fails_alone(client, org):
    chunk = upserts(0, 3)
    chunk.records[1]["Email"] = "no address"
    _good, rows = client.send_batch([upserts(5, 1), chunk], headers=OFF)
    assert [row.success for row in rows] == [True, False, True]
    assert (rows[1].code, rows[1].fields, rows[1].id) == ("INVALID_EMAIL_ADDRESS", ("Email",), "")


def test_a_refused_chunk_stands_in_its_place(client, org):
    """A text in a number spoils its own chunk as a whole, and no other."""
    good, bad, more = client.send_batch(
        [upserts(0, 2), upserts(2, 2, NumberOfEmployees="many"), upserts(4, 2)], headers=OFF
    )
    assert all(row.success for row in good + more)
    assert isinstance(bad, RequestRefused)
    assert (bad.code, bad.status, bad.action) == ("JSON_PARSER_ERROR", 400, Action.SPLIT)
    assert "many" not in bad.message
    assert len(org.leads()) == 4


def test_a_single_refused_chunk_stands_in_its_place_too(client, org):
    (bad,) = client.send_batch([upserts(0, 2, NumberOfEmployees="many")], headers=OFF)
    assert isinstance(bad, RequestRefused)
    assert org.leads() == []


def test_a_refused_call_refuses_every_chunk(client, org):
    org.fault("malformed_400", count=1, path="composite")
    answers = client.send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert [answer.code for answer in answers] == ["JSON_PARSER_ERROR"] * 2


def test_a_value_that_cannot_be_encoded_refuses_the_call_before_it_is_sent(client, org):
    answers = client.send_batch([upserts(0, 1), upserts(1, 1, City="\ud800")], headers=OFF)
    assert [answer.code for answer in answers] == ["UNENCODABLE_VALUE"] * 2
    assert org.calls(counted=True) == []


@pytest.mark.parametrize("count", [0, 6])
def test_a_batch_holds_one_to_five_chunks(client, count):
    with pytest.raises(ValueError, match="one to five"):
        client.send_batch([upserts(0, 1)] * count, headers=OFF)


@pytest.mark.parametrize("kind", ["unavailable_html", "drop_after", "truncate", "row_lock"])
def test_a_repeated_batch_makes_no_second_lead(client, org, kind):
    org.fault(kind, count=1, path="composite")
    answers = client.send_batch([upserts(0, 5), upserts(5, 5)], headers=OFF)
    failed = [row for rows in answers for row in rows if not row.success]
    assert [row.code for row in failed] == (["UNABLE_TO_LOCK_ROW"] if kind == "row_lock" else [])
    assert len(org.leads()) == 10 - len(failed)


def test_without_retry_the_first_trouble_is_told(client, org):
    org.fault("server_unavailable", count=1, path="composite")
    with pytest.raises(Transient):
        client.send_batch([upserts(0, 1)], headers=OFF, retry=False)
    assert client.calls == 1


@pytest.mark.parametrize(
    ("kind", "code"), [("total_limit", "request_limit"), ("api_disabled", "api_disabled")]
)
def test_what_stops_a_run_stops_the_call(client, org, kind, code):
    org.fault(kind, path="composite")
    with pytest.raises(Stopped) as stop:
        client.send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert stop.value.code == code


def part(number, status, body):
    return {"referenceId": f"b{number}", "httpStatusCode": status, "httpHeaders": {}, "body": body}


def row(id):
    return {"id": id, "success": True, "errors": [], "created": True}


def test_the_headers_are_on_the_call_and_in_every_part(make_client):
    answer = {"compositeResponse": [part(1, 200, [row("two")]), part(0, 200, [row("one")])]}
    with scripted(Reply(answer)) as server:
        client = make_client(server.url)
        answers = client.send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert [rows[0].id for rows in answers] == ["one", "two"]
    _method, path, headers, body = server.requests[0]
    sent = json.loads(body)
    assert path == "/services/data/v66.0/composite"
    assert headers["Sforce-Auto-Assign"] == "FALSE"
    assert headers["Authorization"] == "Bearer token"
    assert "X-PrettyPrint" not in headers
    assert (sent["allOrNone"], sent["collateSubrequests"]) == (False, False)
    for number, request in enumerate(sent["compositeRequest"]):
        assert request["httpHeaders"] == OFF
        assert request["method"] == "PATCH"
        assert request["referenceId"] == f"b{number}"
        assert request["url"] == f"/services/data/v66.0/composite/sobjects/Lead/{KEY}"
        assert request["body"]["allOrNone"] is False
        assert request["body"]["records"][0]["attributes"] == {"type": "Lead"}


BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Server too busy"}]


def test_only_the_part_that_met_a_passing_trouble_is_sent_again(make_client):
    first = {"compositeResponse": [part(0, 200, [row("one")]), part(1, 503, BUSY)]}
    with scripted(Reply(first), Reply([row("two")])) as server:
        client = make_client(server.url)
        answers = client.send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert [rows[0].id for rows in answers] == ["one", "two"]
    assert f"{1:032x}".encode() in server.requests[1][3]
    assert f"{0:032x}".encode() not in server.requests[1][3]


def test_a_part_whose_trouble_lasts_says_that_it_may_pass(make_client):
    lasting = {"compositeResponse": [part(0, 200, [row("one")]), part(1, 503, BUSY)]}
    with scripted(Reply(lasting), *[Reply(BUSY, 503)] * 20) as server:
        client = make_client(server.url, tries=1)
        good, bad = client.send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert good[0].id == "one"
    assert (bad.action, type(bad.stands_for)) == (Action.RETRY, Transient)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [row("one"), row("two")],
        {"not": "a list"},
        ["a", "b", "c"],
        [{"success": True}],
        "<html>Please log in</html>",
        "",
        b'[{"id":"00',
        "null",
    ],
)
def test_an_answer_that_does_not_fit_the_request_is_no_answer(make_client, answer):
    with scripted(Reply(answer)) as server, pytest.raises(Transient, match="could not be read"):
        make_client(server.url).send_batch([upserts(0, 1)], headers=OFF)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "answer",
    [
        {"compositeResponse": [part(0, 200, [row("one")])]},
        {"compositeResponse": [part(0, 200, [row("one")]), part(1, 200, [])]},
        {"compositeResponse": [part(0, 200, [row("one")]), {}]},
        {"compositeResponse": None},
        [],
        "<html></html>",
    ],
)
def test_a_composite_answer_that_does_not_fit_is_no_answer(make_client, answer):
    with scripted(Reply(answer)) as server, pytest.raises(Transient, match="could not be read"):
        make_client(server.url).send_batch([upserts(0, 1), upserts(1, 1)], headers=OFF)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "NOT_FOUND", "request_refused"),
        (410, "GONE", "request_refused"),
        (405, "METHOD_NOT_ALLOWED", "request_refused"),
        (403, "FUNCTIONALITY_NOT_ENABLED", "request_refused"),
        (400, "INVALID_TYPE", "leads_hidden"),
    ],
)
def test_a_refusal_that_no_record_is_to_blame_for_stops(client, org, status, code, expected):
    """Else every contact would be suspended, one call at a time."""
    org.fault("request_error", status=status, code=code, message="no", path="composite")
    for chunks in ([upserts(0, 1)], [upserts(0, 1), upserts(1, 1)]):
        with pytest.raises(Stopped) as stop:
            client.send_batch(chunks, headers=OFF)
        assert stop.value.code == expected
        assert stop.value.cure
    assert client.calls == 2


def test_an_api_version_the_org_does_not_know_stops(make_client, org):
    token = org.client_credentials_token()["access_token"]
    client = make_client(org.url, token, api_version="99.0")
    with pytest.raises(Stopped) as stop:
        client.send_batch([upserts(0, 1)], headers=OFF)
    assert stop.value.code == "request_refused"


def test_an_external_id_field_that_vanished_stops(client, org):
    gone = Chunk("upsert", "Lead", "Gone__c", [{"Gone__c": "a", "LastName": "A"}])
    with pytest.raises(Stopped) as stop:
        client.send_batch([gone], headers=OFF)
    assert stop.value.code == "no_external_id"
    good, bad = client.send_batch([upserts(0, 1), gone], headers=OFF)
    assert good[0].success
    assert (bad.action, bad.stands_for.code) == (Action.STOP, "no_external_id")
