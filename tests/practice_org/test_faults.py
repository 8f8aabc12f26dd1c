"""Faults on request."""

import threading
import time

import pytest
import requests

from tests.practice_org.api import KEY, Api, error, lead, row_error
from wagtail_salesforce.practice_org.control import PracticeOrgError


@pytest.mark.parametrize(
    ("kind", "status", "code", "text"),
    [
        ("server_error", 500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include"),
        ("server_unavailable", 503, "SERVER_UNAVAILABLE", "Server too busy"),
        ("concurrent_limit", 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API"),
        ("total_limit", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ("api_disabled", 403, "API_DISABLED_FOR_ORG", "The REST API is not enabled"),
        ("malformed_400", 400, "JSON_PARSER_ERROR", "Unexpected character ('}' (code 125)): "),
        ("query_timeout", 400, "QUERY_TIMEOUT", ""),
    ],
)
def test_refusals_of_the_whole_call(org, api, kind, status, code, text):
    org.fault(kind, count=1)
    response = api.upsert_call(lead("a"))
    assert response.status_code == status
    problem = error(response)
    assert problem["errorCode"] == code and problem["message"].startswith(text)
    assert "fields" not in problem and org.leads() == []
    assert api.upsert(lead("a"))[0]["success"]


@pytest.mark.parametrize(
    ("kind", "status"), [("unavailable_html", 503), ("bad_gateway", 502), ("no_route", 420)]
)
def test_the_edge_answers_in_html(org, api, kind, status):
    org.fault(kind, count=1)
    response = api.get("/limits")
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_any_other_refusal_can_be_asked_for(org, api):
    org.fault("request_error", count=1, status=409, code="CONFLICT", message="Busy elsewhere")
    response = api.get("/limits")
    assert response.status_code == 409
    assert error(response) == {"message": "Busy elsewhere", "errorCode": "CONFLICT"}


def test_a_connection_dropped_before_nothing_is_saved(org, api):
    org.fault("drop_before", count=1)
    with pytest.raises(requests.ConnectionError):
        api.upsert_call(lead("a"))
    assert org.leads() == [] and org.calls()[-1]["status"] == 0


def test_a_connection_dropped_after_all_is_saved(org, api):
    org.fault("drop_after", count=1)
    with pytest.raises(requests.ConnectionError):
        api.upsert_call(lead("a"))
    assert [each[KEY] for each in org.leads()] == ["a"]
    [call] = org.calls(counted=True)
    assert (call["status"], call["fault"], call["rows"]) == (0, "drop_after", 1)
    assert api.upsert(lead("a"))[0]["created"] is False


def test_an_answer_cut_in_the_middle(org, api):
    org.fault("truncate", count=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.upsert_call(lead("a"))
    assert len(org.leads()) == 1


def test_a_delay_holds_up_nobody_else(org, api):
    org.fault("delay", count=1, seconds=0.2)
    begin = time.perf_counter()
    assert api.get("/limits").status_code == 200
    assert time.perf_counter() - begin >= 0.2
    with pytest.raises(requests.Timeout):
        org.fault("delay", count=1, seconds=0.3)
        api.get("/limits", timeout=0.05)
    assert api.get("/limits", timeout=5).status_code == 200


def test_a_delayed_call_never_reaches_into_the_org_after_a_reset(org, api):
    failures = []

    def slow():
        try:
            api.upsert_call(lead("late"))
        except requests.ConnectionError as cut:
            failures.append(cut)

    org.fault("delay", count=1, seconds=0.2)
    thread = threading.Thread(target=slow)
    thread.start()
    while org.faults_armed():
        pass
    org.reset()
    thread.join()
    assert len(failures) == 1 and org.calls() == [] and org.leads() == []


def test_the_token_of_a_call_expires(org, api):
    other = Api(org)
    org.fault("expire_session", count=1, path="composite")
    assert api.get("/limits").status_code == 200
    assert api.upsert_call(lead("a")).status_code == 401
    assert api.get("/limits").status_code == 401
    assert other.get("/limits").status_code == 200


def test_locked_rows(org, api):
    api.upsert(lead("known"))
    org.fault("row_lock", count=2, external_ids=["KNOWN", "new"])
    known, free, new = api.upsert(lead("known"), lead("free"), lead("new"))
    lead_id = org.leads()[0]["Id"]
    assert free["success"] and row_error(new)["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert row_error(known) == {
        "statusCode": "UNABLE_TO_LOCK_ROW",
        "message": f"unable to obtain exclusive access to this record or 1 records: {lead_id}",
        "fields": [],
    }
    assert all(row["success"] for row in api.upsert(lead("known"), lead("new")))


def test_a_row_is_locked_by_record_id_too(org, api):
    lead_id = api.create()
    org.fault("row_lock", count=1, external_ids=[lead_id])
    response = api.patch(f"/sobjects/Lead/{lead_id}", {"Title": "Dr"})
    assert response.status_code == 400 and error(response)["errorCode"] == "UNABLE_TO_LOCK_ROW"


def test_a_full_storage_refuses_new_rows_only(org, api):
    api.upsert(lead("known"))
    org.fault("storage_limit")
    known, new = api.upsert(lead("known"), lead("new"))
    assert known["success"]
    assert row_error(new) == {
        "statusCode": "STORAGE_LIMIT_EXCEEDED",
        "message": "storage limit exceeded",
        "fields": [],
    }
    assert api.post("/sobjects/Lead", {"LastName": "x", "Company": "y"}).status_code == 403
    org.clear_faults()
    assert api.upsert(lead("new"))[0]["success"]


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "MyTrigger: execution of BeforeInsert\ncaused by: …", 400),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", 403),
    ],
)  # fmt: skip
def test_any_other_row_error_can_be_asked_for(org, api, code, message, status):
    org.fault("row_error", count=2, code=code, message=message, fields=["OwnerId"])
    [row] = api.upsert(lead("a"))
    assert row_error(row) == {"statusCode": code, "message": message, "fields": ["OwnerId"]}
    response = api.post("/sobjects/Lead", {"LastName": "x", "Company": "y"})
    assert response.status_code == status
    assert error(response) == {"message": message, "errorCode": code, "fields": ["OwnerId"]}


def test_faults_by_path_number_and_chance(org, api):
    org.fault("server_error", count=2, path="/limits", skip=1)
    assert api.get("/sobjects").status_code == 200
    assert [api.get("/limits").status_code for _ in range(4)] == [200, 500, 500, 200]
    org.fault("server_error", probability=0.5, seed=1)
    first = [api.get("/limits").status_code for _ in range(20)]
    assert set(first) == {200, 500}
    org.clear_faults()
    org.fault("server_error", probability=0.5, seed=1)
    assert [api.get("/limits").status_code for _ in range(20)] == first


def test_the_faults_come_one_after_the_other(org, api):
    org.fault("server_error", count=1)
    org.fault("unavailable_html", count=1)
    assert [api.get("/limits").status_code for _ in range(3)] == [500, 503, 200]


def test_faults_strike_the_token_endpoint_but_never_the_controls(org, api, oauth):
    org.fault("unavailable_html")
    assert oauth.token("client_credentials").status_code == 503
    assert org.leads() == []


def test_unknown_faults_and_settings_are_refused(org):
    with pytest.raises(PracticeOrgError, match="UNKNOWN_FAULT"):
        org.fault("earthquake")
    with pytest.raises(PracticeOrgError, match="WRONG_FAULT"):
        org.fault("server_error", often=True)
