"""Queries of the client: page by page, counted, wrong, too long, and too slow."""

from __future__ import annotations

import pytest

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import CursorExpired, RequestRefused, Transient


KEY = "Web_Contact_ID__c"
SOQL = "SELECT Id, LastName FROM Lead ORDER BY LastName"


@pytest.fixture
def client(org, make_client):
    """One that gets new tokens."""

    def token(_refused=""):
        return org.client_credentials_token()["access_token"]

    return make_client(org.url, token(), refresh=token)


@pytest.fixture
def leads(org, client):
    """Five leads, found in pages of two."""
    client.upsert(
        "Lead", KEY, [{KEY: f"{n:032x}", "LastName": f"Lead {n}", "Company": "A"} for n in range(5)]
    )
    org.options(api_page_size=2)
    org.clear_calls()
    return org


def test_a_page_is_fetched_when_its_first_record_is_asked_for(client, leads):
    found = client.query(SOQL)
    assert leads.calls(path="/query") == []
    assert [next(found)["LastName"] for _record in range(2)] == ["Lead 0", "Lead 1"]
    assert len(leads.calls(path="/query")) == 1
    assert next(found)["LastName"] == "Lead 2"
    assert len(leads.calls(path="/query")) == 2
    found.close()
    assert len(leads.calls(path="/query")) == 2


def test_counting_loads_nothing(client, leads):
    assert client.count("SELECT COUNT() FROM Lead WHERE LastName != 'Lead 3'") == 4
    assert client.count(SOQL) == 5
    leads.delete(leads.leads()[0]["Id"])
    assert client.count("SELECT COUNT() FROM Lead") == 4
    assert client.count("SELECT COUNT() FROM Lead", include_deleted=True) == 5
    assert len(leads.calls(path="/query")) == 4


def test_the_place_of_a_mistake_is_told(client):
    soql = "SELECT Id,\n  Nothing FROM Lead"
    with pytest.raises(RequestRefused) as refusal:
        list(client.query(soql))
    assert (refusal.value.code, refusal.value.position) == ("INVALID_FIELD", (2, 3))
    with pytest.raises(RequestRefused) as refusal:
        client.count("SELECT COUNT() FROM Lead WHERE")
    assert refusal.value.code == "MALFORMED_QUERY"
    assert refusal.value.position is not None


def test_a_cursor_that_has_expired(client, leads):
    found = client.query(SOQL)
    next(found)
    next(found)
    leads.advance(49 * 3600)
    with pytest.raises(CursorExpired) as expired:
        next(found)
    assert expired.value.code == "INVALID_QUERY_LOCATOR"
    assert isinstance(expired.value, RequestRefused)
    assert "Ask it again" in expired.value.message


def test_a_page_that_met_a_passing_trouble_is_fetched_again(client, leads):
    found = client.query(SOQL)
    next(found)
    leads.fault("drop_after", count=1, path="/query")
    leads.fault("truncate", count=1, path="/query")
    leads.fault("half_json", count=1, path="/query")
    assert [record["LastName"] for record in found] == [f"Lead {n}" for n in range(1, 5)]


@pytest.mark.parametrize("method", ["query", "count"])
def test_a_query_that_is_too_long_for_an_address(client, method):
    soql = f"SELECT Id FROM Lead WHERE LastName IN ({','.join(['%r' % ('x' * 30)] * 600)})"
    with pytest.raises(RequestRefused) as refusal:
        result = getattr(client, method)(soql)
        list(result)
    assert refusal.value.code == "QUERY_TOO_LONG"
    assert "16,000" in refusal.value.message


@pytest.mark.parametrize("answer", [{}, [1], {"records": None}, {"records": {}}])
def test_an_answer_without_records_is_no_answer(make_client, answer):
    with scripted(Reply(answer)) as server, pytest.raises(Transient):
        list(make_client(server.url).query("SELECT Id FROM Lead"))


def test_a_count_without_a_number_is_no_answer(make_client):
    with scripted(Reply({"records": []})) as server, pytest.raises(Transient):
        make_client(server.url).count("SELECT COUNT() FROM Lead")


@pytest.mark.parametrize("groups", [1, 3])
def test_groups_are_not_taken_for_a_count(make_client, groups):
    """Salesforce answers COUNT(Id) with one record that holds the number."""
    group = {"attributes": {"type": "AggregateResult"}, "expr0": 75845}
    answer = {"totalSize": groups, "done": True, "records": [group] * groups}
    with scripted(Reply(answer)) as server:
        client = make_client(server.url)
        with pytest.raises(ValueError, match=r"Use SELECT COUNT\(\)"):
            client.count("SELECT COUNT(Id) FROM Lead")
        assert list(client.query("SELECT COUNT(Id) FROM Lead")) == [group] * groups


def test_children_of_a_subquery_come_whole(make_client):
    base = "/services/data/v66.0/query/01g"
    children = {
        "totalSize": 3,
        "done": False,
        "nextRecordsUrl": f"{base}a",
        "records": [{"Id": "1"}],
    }
    parent = {"Id": "P", "Owner": {"Name": "x"}, "Contacts": children, "Cases": None}
    pages = [
        {"totalSize": 1, "done": True, "records": [parent]},
        {"done": False, "nextRecordsUrl": f"{base}b", "records": [{"Id": "2"}]},
        {"done": True, "records": [{"Id": "3"}]},
    ]
    with scripted(*map(Reply, pages)) as server:
        (found,) = make_client(server.url).query(
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account"
        )
        assert [path[-4:] for path in server.paths[1:]] == ["01ga", "01gb"]
    assert [child["Id"] for child in found["Contacts"]["records"]] == ["1", "2", "3"]
    assert found["Contacts"]["done"]
