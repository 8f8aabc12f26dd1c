"""The client library that sites use, against the practice org."""

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id

from tests.practice_org.api import COLLECTION, KEY, lead


class PlainSession(requests.Session):
    """simple-salesforce knows https only; here it goes over plain http."""

    def request(self, method, url, *args, **kwargs):
        plain = url.replace("https://127.0.0.1", "http://127.0.0.1", 1)
        return super().request(method, plain, *args, **kwargs)


@pytest.fixture
def sf(org):
    token = org.client_credentials_token()
    with PlainSession() as session:
        yield Salesforce(
            instance_url=token["instance_url"],
            session_id=token["access_token"],
            session=session,
            version="66.0",
        )


def test_rows(sf):
    created = sf.Lead.create({"LastName": "Doe", "Company": "Acme"})
    assert created["success"]
    assert sf.Lead.update(created["id"], {"Title": "Dr"}) == 204
    assert sf.Lead.get(created["id"])["Title"] == "Dr"
    key = format_external_id(KEY, "a/b")
    record = {"LastName": "Roe", "Company": "Acme"}
    assert sf.Lead.upsert(key, record) == 201
    assert sf.Lead.upsert(key, record) == 200
    assert sf.Lead.get_by_custom_id(KEY, "a/b")["LastName"] == "Roe"
    assert sf.Lead.delete(created["id"]) == 204


def test_describe_query_and_limits(org, sf):
    assert sf.describe()["maxBatchSize"] == 200
    assert sf.Lead.metadata()["objectDescribe"]["name"] == "Lead"
    assert len(sf.Lead.describe()["fields"]) > 54
    assert "DailyApiRequests" in sf.limits()
    org.options(api_page_size=2)
    for number in range(5):
        sf.Lead.create({"LastName": str(number), "Company": "Acme"})
    assert sf.query_all("SELECT Id FROM Lead")["totalSize"] == 5
    assert [row["LastName"] for row in sf.query_all_iter("SELECT LastName FROM Lead")] == [
        "0", "1", "2", "3", "4",
    ]  # fmt: skip
    assert sf.query("SELECT Name FROM Organization")["records"][0]["Name"] == "Practice Org Ltd"
    usage = sf.api_usage["api-usage"]
    assert (usage.used, usage.total) == (org.set_allowance()["used"], 15000)


def test_collections_and_composite(org, sf):
    rows = sf.restful(
        COLLECTION.lstrip("/"), method="PATCH", json={"allOrNone": False, "records": [lead("a")]}
    )
    assert rows[0]["created"]
    part = {
        "method": "PATCH",
        "url": f"/services/data/v66.0{COLLECTION}",
        "referenceId": "b0",
        "body": {"records": [lead("b")]},
    }
    answer = sf.restful("composite", method="POST", json={"compositeRequest": [part]})
    assert answer["compositeResponse"][0]["body"][0]["created"]
    assert org.count_leads() == 2


def test_refusals_are_the_librarys_exceptions(org, sf):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Lead.create({"LastName": "Doe"})
    assert refused.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    with pytest.raises(SalesforceResourceNotFound):
        sf.Lead.get("00Q000000000099")
    for _ in range(2):
        sf.Lead.create({"LastName": "Doe", "Company": "Acme", "Legacy_Key__c": "same"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Lead.upsert("Legacy_Key__c/same", {"LastName": "x", "Company": "y"})
    org.set_allowance(used=15000)
    with pytest.raises(SalesforceRefusedRequest):
        sf.Lead.describe()
    org.expire_tokens()
    with pytest.raises(SalesforceExpiredSession):
        sf.Lead.describe()


def test_bulk_2(sf, org):
    """The library's own client: it polls, and reads all results into memory."""
    records = [{KEY: f"a{n}", "LastName": f"Doe {n}", "Company": "Acme"} for n in range(450)]
    org.options(bulk_rows_at_once=200)
    [job] = sf.bulk2.Lead.upsert(records=records, external_id_field=KEY, wait=0.01)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (450, 0)
    results = sf.bulk2.Lead.get_all_ingest_records(job["job_id"])
    assert len(results["successfulRecords"]) == 450
    assert (results["failedRecords"], results["unprocessedRecords"]) == ([], [])
    assert len(org.leads()) == 450
