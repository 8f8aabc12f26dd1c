"""Writing one and many records by REST calls, against the practice org."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import NotAuthorized, RequestRefused, Stopped, Transient


KEY = "Web_Contact_ID__c"


def leads(count, **more):
    return [
        {KEY: f"{number:032x}", "LastName": f"Lead {number}", "Company": "Acme", **more}
        for number in range(count)
    ]


def people(count, **more):
    """Leads without an external id."""
    return [{"LastName": f"Lead {number}", "Company": "Acme", **more} for number in range(count)]


def names(org, results):
    by_id = {lead["Id"]: lead["LastName"] for lead in org.leads()}
    return [by_id.get(result.id) for result in results]


def paths(org):
    return [call["path"].partition("v66.0/")[2] for call in org.calls(counted=True)]


def test_one_record_has_one_result(client, org):
    created = client.insert("Lead", people(1)[0])
    assert (created.success, created.id) == (True, org.leads()[0]["Id"])
    assert client.update("Lead", {"Id": created.id, "Company": "Beta"}).success
    assert client.upsert("Lead", KEY, leads(1)[0]).created
    assert client.delete("Lead", created.id).success
    assert org.count_leads() == 1
    refused = client.insert("Lead", {"LastName": "Lovelace"})
    assert (refused.success, refused.code, refused.fields) == (
        False,
        "REQUIRED_FIELD_MISSING",
        ("Company",),
    )


@pytest.mark.parametrize(
    ("count", "calls"),
    [
        (0, []),
        (200, ["composite/sobjects"]),
        (201, ["composite"]),
        (1000, ["composite"]),
        (1200, ["composite", "composite/sobjects"]),
        (2000, ["composite", "composite"]),
    ],
)
def test_as_few_calls_as_the_number_takes(client, org, count, calls):
    results = client.insert("Lead", people(count))
    assert paths(org) == calls
    assert names(org, results) == [f"Lead {number}" for number in range(count)]


def test_every_verb_goes_in_composites(client, org):
    results = client.upsert("Lead", KEY, leads(450))
    assert all(result.created for result in results)
    changed = client.update(
        "Lead",
        [
            {"Id": result.id, "Company": None if n == 300 else "Beta"}
            for n, result in enumerate(results)
        ],
    )
    assert [n for n, result in enumerate(changed) if not result.success] == [300]
    assert sum(lead["Company"] == "Beta" for lead in org.leads()) == 449
    deleted = client.delete("Lead", [result.id for result in results])
    assert [result.id for result in deleted] == [result.id for result in results]
    assert org.count_leads() == 0
    assert paths(org) == ["composite"] * 3


def test_a_generator_is_read_as_it_goes(client, org):
    seen = []

    def records():
        for number, record in enumerate(people(3600)):
            if number % 1000 == 500:
                seen.append(org.count_leads())
            yield record

    results = client.insert("Lead", records(), transport="rest")
    assert seen == [0, 1000, 2000, 3000]
    assert names(org, results) == [f"Lead {number}" for number in range(3600)]


def test_what_the_callers_generator_raises_carries_the_results(client, org):
    def records():
        yield from people(1000)
        raise KeyError("mine")

    with pytest.raises(KeyError) as mine:
        client.insert("Lead", records(), transport="rest")
    assert len(mine.value.results) == org.count_leads() == 1000


def test_a_refused_part_is_told_with_the_results_of_the_others(client, org):
    records = leads(600)
    records[250]["NumberOfEmployees"] = "many"
    with pytest.raises(RequestRefused) as refusal:
        client.upsert("Lead", KEY, records)
    assert refusal.value.code == "JSON_PARSER_ERROR"
    results = refusal.value.results
    assert len(results) == 600
    assert {result.code for result in results[200:400]} == {"JSON_PARSER_ERROR"}
    assert names(org, results[:200] + results[400:]) == [
        record["LastName"] for record in records[:200] + records[400:]
    ]


def test_a_refused_call_refuses_all_of_its_records(client, org):
    records = leads(1100)
    records[1050]["NumberOfEmployees"] = "many"
    with pytest.raises(RequestRefused) as refusal:
        client.upsert("Lead", KEY, records)
    results = refusal.value.results
    assert [bool(result.success) for result in results] == [True] * 1000 + [False] * 100
    assert results[-1].code == "JSON_PARSER_ERROR"
    assert org.count_leads() == 1000


def test_an_object_that_is_not_there_has_no_words_about_leads(client):
    with pytest.raises(RequestRefused) as refusal:
        client.insert("Nothing__c", [{"Name": "x"}] * 201)
    assert (refusal.value.code, refusal.value.stands_for) == ("INVALID_TYPE", None)
    assert "Nothing__c" in refusal.value.message


@pytest.mark.parametrize("text", ["@{b0.id}", "see @{nothing}"])
def test_a_text_like_a_reference_is_stored_as_it_is(client, org, text):
    records = leads(201)
    records[150]["Title"] = text
    results = client.upsert("Lead", KEY, records)
    assert all(result.success for result in results)
    assert [lead["Title"] for lead in org.leads() if lead["Title"]] == [text]
    assert len(org.calls(counted=True)) == 2


@pytest.mark.parametrize("count", [3, 201])
def test_headers_go_with_every_part(client, org, count):
    rule = {"id": "01QPr0000000001MAA", "owner_id": "005Pr0000000004MAI"}
    org.options(assignment_rule=rule)
    client.insert("Lead", people(count), headers={"Sforce-Auto-Assign": "FALSE"})
    assert rule["owner_id"] not in {lead["OwnerId"] for lead in org.leads()}
    client.insert("Lead", people(count), headers={"Sforce-Auto-Assign": "TRUE"})
    assert sum(lead["OwnerId"] == rule["owner_id"] for lead in org.leads()) == count


@pytest.mark.parametrize("count", [1, 201, 2001])
def test_what_is_inserted_was_created_whatever_the_way(client, org, count):
    assert all(result.created for result in client.insert("Lead", people(count)))


@pytest.mark.parametrize("transport", ["rest", "bulk"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_and_clears_nothing(client, org, value, transport):
    with pytest.raises(RequestRefused) as refused:
        client.insert(
            "Lead", [*people(1), {**people(1)[0], "AnnualRevenue": value}], transport=transport
        )
    assert refused.value.code == "UNENCODABLE_VALUE"
    assert org.leads() == []


def test_records_with_headers_never_go_by_bulk_unasked(client, org):
    client.upsert("Lead", KEY, leads(2001), headers={"Sforce-Auto-Assign": "FALSE"})
    assert paths(org)[:2] == ["composite"] * 2 and len(paths(org)) == 3
    with pytest.raises(ValueError, match="Bulk"):
        client.insert("Lead", people(1), headers={"A": "B"}, transport="bulk")
    with pytest.raises(ValueError, match="transport"):
        client.insert("Lead", people(1), transport="soap")


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "unavailable_html"])
def test_an_insert_of_many_is_never_repeated_blindly(client, org, kind):
    org.fault(kind, count=1, skip=1, path="composite")
    with pytest.raises(Transient) as trouble:
        client.insert("Lead", people(1500))
    assert names(org, trouble.value.results) == [f"Lead {number}" for number in range(1000)]
    assert client.calls == 2
    assert org.count_leads() <= 1500


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "unavailable_html", "half_json"])
def test_other_writes_of_many_are_repeated(client, org, kind):
    org.fault(kind, count=1, path="composite")
    results = client.upsert("Lead", KEY, leads(300))
    assert all(result.success for result in results)
    assert org.count_leads() == 300


def test_only_the_part_that_met_a_passing_trouble_goes_again(make_client):
    def part(number, status, body):
        return {"referenceId": f"b{number}", "httpStatusCode": status, "body": body}

    def rows(first, count):
        return [{"id": f"{first + n}", "success": True, "errors": []} for n in range(count)]

    busy = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Server too busy"}]
    first = {"compositeResponse": [part(0, 200, rows(0, 200)), part(1, 503, busy)]}
    second = {"compositeResponse": [part(0, 200, rows(200, 1))]}
    with scripted(Reply(first), Reply(second)) as server:
        results = make_client(server.url).upsert("Lead", KEY, leads(201))
    assert [result.id for result in results] == [str(number) for number in range(201)]
    assert [body.count(b'"LastName"') for *_rest, body in server.requests] == [201, 1]


def test_what_was_done_is_told_when_the_repeated_part_never_gets_through(make_client):
    ok = {"id": "1", "success": True, "errors": []}
    parts = [
        {"referenceId": "b0", "httpStatusCode": 200, "body": [ok] * 200},
        {"referenceId": "b1", "httpStatusCode": 503, "body": [{"errorCode": "SERVER_UNAVAILABLE"}]},
    ]
    busy = scripted(Reply({"compositeResponse": parts}), Reply("", 503))
    with busy as server, pytest.raises(Transient) as trouble:
        make_client(server.url).upsert("Lead", KEY, leads(201))
    assert [result.success for result in trouble.value.results] == [True] * 200 + [False]


def test_a_part_of_an_insert_that_met_a_trouble_is_not_sent_again(make_client):
    ok = {"id": "1", "success": True, "errors": []}
    parts = [
        {"referenceId": "b0", "httpStatusCode": 200, "body": [ok] * 200},
        {"referenceId": "b1", "httpStatusCode": 503, "body": [{"errorCode": "SERVER_UNAVAILABLE"}]},
    ]
    with scripted(Reply({"compositeResponse": parts})) as server:
        with pytest.raises(Transient) as trouble:
            make_client(server.url).insert("Lead", people(201))
        assert len(server.requests) == 1
    assert [result.success for result in trouble.value.results] == [True] * 200 + [False]
    assert trouble.value.results[-1].code == "org_unavailable"


def test_what_cannot_be_encoded_is_refused_before_its_call(client, org):
    records = people(1500)
    records[1200]["Title"] = object()
    with pytest.raises(RequestRefused) as refusal:
        client.insert("Lead", records)
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert len(refusal.value.results) == org.count_leads() == 1000


def test_no_digit_of_a_decimal_is_lost(make_client):
    row = {"id": "1", "success": True, "errors": []}
    with scripted(Reply([row])) as server:
        make_client(server.url).insert("Lead", people(1, Revenue=Decimal("12345678901234.567")))
    ((*_rest, body),) = server.requests
    assert b'"Revenue":12345678901234.567}' in body


def test_a_token_that_expires_in_the_middle(client, org):
    org.fault("expire_session", count=1, skip=1, path="composite")
    with pytest.raises(NotAuthorized) as stop:
        client.upsert("Lead", KEY, leads(1001))
    assert len(stop.value.results) == org.count_leads() == 1000


def test_the_guard_stops_a_write_with_what_is_done(client, org):
    def guard(usage, unknown):
        if client.calls >= 2:
            raise Stopped(code="api_reserve")

    client.set_guard(guard)
    with pytest.raises(Stopped) as stop:
        client.insert("Lead", people(4000), transport="rest")
    assert len(stop.value.results) == org.count_leads() == 2000


def test_a_record_deleted_already_is_told(client, org):
    ids = [result.id for result in client.insert("Lead", people(2))]
    client.delete("Lead", ids[0])
    first, second = client.delete("Lead", iter(ids))
    assert (first.success, first.code) == (False, "ENTITY_IS_DELETED")
    assert second.success
