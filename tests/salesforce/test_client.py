"""The client against the practice org, over HTTP."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy

from wagtail_salesforce.exceptions import (
    NotAuthorized,
    RequestRefused,
    Stopped,
    Transient,
)


KEY = "Web_Contact_ID__c"


def leads(count, **more):
    return [
        {KEY: f"{number:032x}", "LastName": f"Lead {number}", "Company": "Acme", **more}
        for number in range(count)
    ]


def test_describe_reads_the_fields(client):
    describe = client.describe("Lead")
    assert describe.name == "Lead"
    assert describe.fields["LastName"].required
    assert describe.fields["LastName"].length == 80
    assert not describe.fields["Email"].required
    assert KEY in [field.name for field in describe.external_id_fields()]
    assert "Id" not in [field.name for field in describe.mappable_fields()]


def test_an_object_that_is_not_there_is_refused(client):
    with pytest.raises(RequestRefused) as refusal:
        client.describe("Nothing__c")
    assert (refusal.value.status, refusal.value.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["", "Lead/..", "Lead?x=1", "1Lead", "Lead#", "Léad", "a b"])
def test_a_name_cannot_leave_its_place_in_the_address(client, name):
    with pytest.raises(ValueError, match="API name"):
        client.describe(name)
    with pytest.raises(ValueError, match="API name"):
        client.upsert("Lead", name, [{}])
    with pytest.raises(ValueError, match="API name"):
        client.get("Lead", "00Q000000000001AAA", [name])


@pytest.mark.parametrize("value", ["", "../User", "00Q", "00Q000000000001AAA?", "00Q00000000000é"])
def test_an_id_cannot_leave_its_place_in_the_address(client, value):
    with pytest.raises(ValueError, match="Salesforce id"):
        client.get("Lead", value)
    with pytest.raises(ValueError, match="Salesforce id"):
        client.delete("Lead", [value])


def test_records_are_inserted_read_changed_and_deleted(client, org):
    (created,) = client.insert("Lead", [{"LastName": "Lovelace", "Company": "Acme"}])
    assert created.success
    record = client.get("Lead", created.id, ["LastName", "Company"])
    assert (record["LastName"], record["Company"]) == ("Lovelace", "Acme")
    assert "Email" in client.get("Lead", created.id)
    (changed,) = client.update("Lead", [{"Id": created.id, "Company": "Beta"}])
    assert (changed.success, changed.created, changed.id) == (True, False, created.id)
    assert org.leads()[0]["Company"] == "Beta"
    (deleted,) = client.delete("Lead", [created.id])
    assert deleted.success
    assert org.leads() == []
    with pytest.raises(RequestRefused) as refusal:
        client.get("Lead", created.id)
    assert refusal.value.code == "ENTITY_IS_DELETED"


def test_many_records_go_in_several_calls_and_come_back_in_order(client, org):
    records = leads(1401)
    records[250]["LastName"] = None
    results = client.upsert("Lead", KEY, records)
    assert [n for n, result in enumerate(results) if not result.success] == [250]
    assert results[250].code == "REQUIRED_FIELD_MISSING"
    by_id = {lead["Id"]: lead["LastName"] for lead in org.leads()}
    assert [by_id.get(result.id) for result in results] == [r["LastName"] for r in records]
    assert client.calls == len(org.calls(counted=True)) == 2
    assert client.upsert("Lead", KEY, []) == []
    again = client.upsert("Lead", KEY, leads(1))
    assert (again[0].created, again[0].id) == (False, results[0].id)


def test_an_error_in_a_later_part_carries_the_results_so_far(client, org):
    org.fault("total_limit", skip=1, path="composite")
    with pytest.raises(Stopped) as stop:
        client.upsert("Lead", KEY, leads(1001))
    assert stop.value.code == "request_limit"
    assert len(stop.value.results) == len(org.leads()) == 1000


def test_the_caller_keeps_the_records_as_they_were(client):
    record = leads(1)[0]
    before = dict(record)
    client.upsert("Lead", KEY, [record])
    assert record == before


def test_dates_decimals_and_translations_are_sent(client, org):
    values = {
        "LastName": gettext_lazy("Lovelace"),
        "AnnualRevenue": Decimal("1250"),
        "Latitude": Decimal("51.5"),
    }
    (result,) = client.upsert("Lead", KEY, leads(1, **values))
    assert result.success, result
    lead = org.leads()[0]
    assert (lead["LastName"], lead["AnnualRevenue"], lead["Latitude"]) == ("Lovelace", 1250, 51.5)
    client.update(
        "Lead",
        [
            {
                "Id": result.id,
                "EmailBouncedDate": datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc),
            }
        ],
    )
    assert org.leads()[0]["EmailBouncedDate"].startswith("2026-01-02T03:04:05")


@pytest.mark.parametrize(
    "value", [datetime(2026, 1, 1), Decimal("NaN"), "\ud800", object(), {1: 2}]
)
def test_what_json_cannot_hold_is_refused_and_not_sent(client, org, value):
    with pytest.raises(RequestRefused) as refusal:
        client.update("Lead", [{"Id": "00Q000000000001AAA", "Description": value}])
    assert refusal.value.code == "UNENCODABLE_VALUE"
    assert org.calls(path="composite") == []


def test_a_query_yields_the_records_of_all_pages(client, org):
    org.options(api_page_size=200)
    client.upsert("Lead", KEY, leads(450))
    org.clear_calls()
    found = list(client.query("SELECT Id, LastName FROM Lead ORDER BY LastName"))
    assert len({record["Id"] for record in found}) == 450
    assert len(org.calls(path="/query")) == 3


def test_a_query_can_include_deleted_records(client, org):
    ids = [result.id for result in client.upsert("Lead", KEY, leads(2))]
    org.delete(ids[0])
    soql = "SELECT Id FROM Lead"
    assert [record["Id"] for record in client.query(soql)] == ids[1:]
    assert {record["Id"] for record in client.query(soql, include_deleted=True)} == set(ids)


def test_a_bad_query_is_refused_with_its_code(client):
    with pytest.raises(RequestRefused) as refusal:
        list(client.query("SELECT Nothing FROM Lead"))
    assert refusal.value.code == "INVALID_FIELD"


def test_usage_and_calls_are_counted_as_the_org_counts_them(org, make_client):
    seen = []
    token = org.client_credentials_token()["access_token"]
    client = make_client(org.url, token, on_usage=seen.append)
    assert client.usage is None
    client.describe("Lead")
    client.upsert("Lead", KEY, leads(3))
    client.userinfo()
    assert client.calls == len(org.calls(counted=True)) == 2
    assert (client.usage.used, client.usage.max) == (2, 15000)
    assert [usage.used for usage in seen] == [1, 2]


def test_limits_and_userinfo(client, org):
    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    assert client.userinfo()["organization_id"] == org.options()["org_id"]


def test_simple_salesforce_is_within_reach(client, org):
    """What the client does not offer goes through the same session."""
    sf = client.simple_salesforce
    created = sf.Lead.create({"LastName": "Lovelace", "Company": "Acme"})
    assert created["success"]
    assert sf.query("SELECT count() FROM Lead")["totalSize"] == 1
    org.expire_tokens()
    with pytest.raises(NotAuthorized):
        sf.Lead.get(created["id"])


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("total_limit", Stopped, "request_limit"),
        ("api_disabled", Stopped, "api_disabled"),
        ("malformed_400", RequestRefused, "JSON_PARSER_ERROR"),
    ],
)
def test_what_repeating_cannot_mend_is_tried_once(client, org, kind, error, code):
    org.fault(kind, path="/sobjects/Lead/describe")
    with pytest.raises(error) as caught:
        client.describe("Lead")
    assert caught.value.code == code
    assert len(org.calls(path="describe")) == 1


PASSING = [
    "unavailable_html",
    "bad_gateway",
    "no_route",
    "server_error",
    "server_unavailable",
    "concurrent_limit",
    "drop_before",
    "drop_after",
    "truncate",
]


@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_trouble_is_outlived(client, org, kind):
    org.fault(kind, count=3, path="composite")
    (result,) = client.upsert("Lead", KEY, leads(1))
    assert result.success
    assert len(org.leads()) == 1


@pytest.mark.parametrize("kind", PASSING)
def test_a_lasting_trouble_is_told_after_four_tries(client, org, kind):
    org.fault(kind, path="composite")
    with pytest.raises(Transient) as trouble:
        client.upsert("Lead", KEY, leads(1))
    assert trouble.value.code == "org_unavailable"
    assert client.calls == 4


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "unavailable_html"])
def test_an_insert_is_never_repeated_blindly(client, org, kind):
    org.fault(kind, count=1, path="composite")
    with pytest.raises(Transient):
        client.insert("Lead", [{"LastName": "Once", "Company": "Acme"}])
    assert client.calls == 1
    assert len(org.leads()) <= 1


def test_an_insert_is_repeated_when_it_was_surely_not_done(client, org):
    org.fault("concurrent_limit", count=2, path="composite")
    (result,) = client.insert("Lead", [{"LastName": "Once", "Company": "Acme"}])
    assert result.success
    assert len(org.leads()) == 1


def test_a_refused_token_without_a_way_to_renew_it(make_client, org):
    with pytest.raises(NotAuthorized):
        make_client(org.url, "wrong").describe("Lead")
    with pytest.raises(NotAuthorized):
        make_client(org.url, "wrong").userinfo()
