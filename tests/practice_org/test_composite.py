"""Composite: limits, headers, references, all or none, errors of one part and of all."""

import time

import pytest

from tests.practice_org.api import COLLECTION, KEY, OFF, error, lead, row_error


ROOT = "/services/data/v66.0"
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction"
    " failed.",
}


def part(reference, *records, **changes):
    return {
        "method": "PATCH",
        "url": ROOT + COLLECTION,
        "referenceId": reference,
        "httpHeaders": OFF,
        "body": {"allOrNone": False, "records": list(records)},
        **changes,
    }


def read(reference, path, **changes):
    return {"method": "GET", "url": ROOT + path, "referenceId": reference, **changes}


def send(api, *parts, **envelope):
    return api.post("/composite", {"compositeRequest": list(parts), **envelope})


def results(api, *parts, **envelope):
    response = send(api, *parts, **envelope)
    assert response.status_code == 200, response.text
    return response.json()["compositeResponse"]


def test_a_thousand_upserts_are_one_call_and_quick(org, api):
    parts = [
        part(f"b{batch}", *(lead(f"{batch}-{number}") for number in range(200)))
        for batch in range(5)
    ]
    begin = time.perf_counter()
    answer = results(api, *parts, allOrNone=False, collateSubrequests=False)
    took = time.perf_counter() - begin
    assert [each["referenceId"] for each in answer] == [f"b{batch}" for batch in range(5)]
    assert all(row["created"] for each in answer for row in each["body"])
    assert org.count_leads() == 1000
    [call] = org.calls(counted=True)
    assert (call["rows"], call["path"]) == (1000, f"{ROOT}/composite")
    # Generous, for busy machines: it takes about 50 ms on an idle one.
    assert took < 1.0


def test_the_form_of_the_answer(api):
    [answer] = results(api, part("one", lead("a")))
    assert set(answer) == {"body", "httpHeaders", "httpStatusCode", "referenceId"}
    assert (answer["httpStatusCode"], answer["httpHeaders"]) == (200, {})
    assert answer["body"][0]["success"]


def test_all_kinds_of_parts(api):
    record = {"LastName": "Doe", "Company": "Acme"}
    created, updated, queried, described, upserted = results(
        api,
        {"method": "POST", "url": f"{ROOT}/sobjects/Lead", "referenceId": "new", "body": record},
        {
            "method": "PATCH",
            "url": f"{ROOT}/sobjects/Lead/@{{new.id}}",
            "referenceId": "edit",
            "body": {"Title": "Dr @{new.id}"},
        },
        read("list", "/query?q=SELECT+Id,Title+FROM+Lead+WHERE+Id='@{new.id}'"),
        read("shape", "/sobjects/Lead/describe"),
        {
            "method": "PATCH",
            "url": f"{ROOT}/sobjects/Lead/{KEY}/k1",
            "referenceId": "up",
            "body": {**record, "FirstName": "@{list.records[0].Id}"},
        },
    )
    lead_id = created["body"]["id"]
    assert created["httpStatusCode"] == 201
    assert created["httpHeaders"] == {"Location": f"{ROOT}/sobjects/Lead/{lead_id}"}
    assert (updated["httpStatusCode"], updated["body"]) == (204, None)
    assert queried["body"]["records"][0]["Title"] == f"Dr {lead_id}"
    assert described["body"]["name"] == "Lead" and upserted["httpStatusCode"] == 201
    assert api.read(upserted["body"]["id"])["FirstName"] == lead_id


def test_references_in_lists_of_a_body(api):
    record = {"LastName": "Doe", "Company": "Acme"}
    new = {"method": "POST", "url": f"{ROOT}/sobjects/Lead", "referenceId": "new", "body": record}
    _, upserted = results(api, new, part("up", lead("a", Title="@{new.id}")))
    assert api.read(upserted["body"][0]["id"])["Title"].startswith("00Q")


def test_a_reference_to_nothing(api):
    [answer] = results(api, read("x", "/sobjects/Lead/@{nobody.id}"))
    assert answer["httpStatusCode"] == 400
    assert answer["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_part_that_fails_as_a_whole_leaves_the_others_alone(org, api):
    answer = results(
        api,
        part("good", lead("a")),
        part("wrong", lead("b", AnnualRevenue="abc")),
        part("empty"),
        read("lost", "/sobjects/Lead/00Q000000000099"),
    )
    assert [each["httpStatusCode"] for each in answer] == [200, 400, 400, 404]
    problem = answer[1]["body"][0]
    assert problem["errorCode"] == "JSON_PARSER_ERROR" and "fields" not in problem
    assert answer[2]["body"][0]["message"] == "At least 1 record is required"
    assert answer[3]["body"] == [
        {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    ]
    assert [each[KEY] for each in org.leads()] == ["a"]


def test_a_key_may_come_back_in_another_part(org, api):
    first, second = results(api, part("one", lead("a")), part("two", lead("a", LastName="Roe")))
    assert first["body"][0]["created"] and not second["body"][0]["created"]
    assert org.leads()[0]["LastName"] == "Roe"


def test_outer_all_or_none_undoes_everything_though_a_row_says_success(org, api):
    answer = results(
        api,
        part("one", lead("a")),
        part("two", lead("b"), lead("c", Email="no")),
        part("three", lead("d")),
        allOrNone=True,
    )
    assert [each["httpStatusCode"] for each in answer] == [400, 200, 400]
    assert answer[0]["body"] == [HALTED] and answer[2]["body"] == [HALTED]
    good, bad = answer[1]["body"]
    assert good["success"] is True
    assert row_error(bad)["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert org.leads() == []


def test_inner_all_or_none_undoes_only_its_part(org, api):
    both = {"allOrNone": True, "records": [lead("b"), lead("c", Email="no")]}
    one, two = results(api, part("one", lead("a")), part("two", body=both))
    assert one["body"][0]["success"]
    assert [row["success"] for row in two["body"]] == [False, False]
    assert [each[KEY] for each in org.leads()] == ["a"]


def refusal(response):
    assert response.status_code == 200
    [answer] = response.json()["compositeResponse"]
    assert answer["httpStatusCode"] == 400 and answer["referenceId"] is None
    [problem] = answer["body"]
    assert problem["errorCode"] == "LIMIT_EXCEEDED"
    return problem["message"]


def test_at_most_25_parts(api):
    parts = [read(f"r{number}", "/sobjects/Lead/describe") for number in range(26)]
    assert len(results(api, *parts[:25])) == 25
    assert "25 operations" in refusal(send(api, *parts))


def test_at_most_five_collections_or_queries(org, api):
    lists = [part(f"c{number}", lead(str(number))) for number in range(5)]
    query = read("q", "/query?q=SELECT+Id+FROM+Lead")
    assert "5 sObject Collections" in refusal(send(api, *lists, query))
    more = read("q", "/queryAll/?q=SELECT+Id+FROM+Lead")
    assert "5 sObject Collections" in refusal(send(api, *lists, more))
    assert org.leads() == []
    assert len(results(api, *lists, read("d", "/sobjects/Lead/describe"))) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"referenceId": "a-b"},
        {"referenceId": "_a"},
        {"referenceId": ""},
        {"referenceId": 5},
        {"method": "patch"},
        {"method": None},
        {"url": "/services/data/composite"},
        {"url": "https://example.org/services/data/v66.0/limits"},
        {"url": None},
        {"httpHeaders": {"Authorization": "Bearer x"}},
        {"httpHeaders": {"accept": "x"}},
        {"httpHeaders": {"Content-Type": "application/json"}},
        {"httpHeaders": {"Sforce-Auto-Assign": False}},
    ],
)
def test_a_bad_part_spoils_the_whole_call(org, api, changes):
    response = send(api, part("good", lead("a")), {**part("bad", lead("b")), **changes})
    assert response.status_code == 400 and error(response)["errorCode"] == "INVALID_INPUT"
    assert org.leads() == []


def test_reference_ids_are_unique(api):
    response = send(api, part("same", lead("a")), part("same", lead("b")))
    assert response.status_code == 400 and error(response)["errorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "body",
    [{}, {"compositeRequest": {}}, {"compositeRequest": [5]}, {"compositeRequest": []}],
)
def test_envelopes_of_the_wrong_kind(api, body):
    assert api.post("/composite", body).status_code == 400


def test_the_switches_must_be_boolean(api):
    for name in ("allOrNone", "collateSubrequests"):
        response = send(api, part("a", lead("a")), **{name: "false"})
        assert response.status_code == 400 and error(response)["errorCode"] == "JSON_PARSER_ERROR"


def test_parts_may_name_their_own_version(api):
    answer = results(
        api,
        read("old", "/x", url="/services/data/v59.0/sobjects/Lead/describe"),
        read("gone", "/x", url="/services/data/v30.0/limits"),
        read("unknown", "/x", url="/services/data/v99.0/limits"),
    )
    assert [each["httpStatusCode"] for each in answer] == [200, 410, 404]


def test_a_composite_holds_no_composite(api):
    inner = {"method": "POST", "url": f"{ROOT}/composite", "referenceId": "x", "body": {}}
    [answer] = results(api, inner)
    assert answer["httpStatusCode"] == 404


def test_a_method_that_does_not_fit(api):
    [answer] = results(api, part("x", lead("a"), method="DELETE"))
    assert answer["httpStatusCode"] == 405


def test_outer_headers_do_not_reach_the_parts(org, api):
    org.options(assignment_rule={"id": "01Q000000000001", "owner_id": "005Pr0000000004IAA"})
    body = {"compositeRequest": [part("a", lead("a"), httpHeaders={}), part("b", lead("b"))]}
    api.post("/composite", body, headers=OFF)
    owners = {each[KEY]: each["OwnerId"] for each in org.leads()}
    assert owners["a"] == "005Pr0000000004IAA" != owners["b"]
