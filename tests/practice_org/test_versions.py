"""Versions, resources, limits, describe and the objects."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.practice_org.api import KEY, error


def test_the_newest_ten_versions_are_listed_to_anybody_and_not_counted(org, oauth):
    for path in ("/services/data", "/services/data/"):
        response = oauth.with_token(path, None)
        versions = response.json()
        assert [each["version"] for each in versions] == [f"{n}.0" for n in range(59, 69)]
        assert versions[1]["label"] == "Spring '24" and versions[9]["label"] == "Winter '27"
        assert versions[7] == {
            "label": "Spring '26",
            "url": "/services/data/v66.0",
            "version": "66.0",
        }
        assert "Sforce-Limit-Info" not in response.headers
    assert org.calls(counted=True) == []


@pytest.mark.parametrize("version", ["21.0", "25.0", "30.0"])
def test_retired_versions_are_gone(oauth, version):
    response = oauth.with_token(f"/services/data/v{version}/limits", None)
    assert response.status_code == 410 and error(response)["errorCode"] == "GONE"


@pytest.mark.parametrize("version", ["v58.0", "v69.0", "v20.0", "v66.1", "66.0", "vX"])
def test_unknown_versions_are_not_found(oauth, version):
    response = oauth.with_token(f"/services/data/{version}/limits", None)
    assert response.status_code == 404
    assert error(response) == {
        "message": "The requested resource does not exist",
        "errorCode": "NOT_FOUND",
    }


def test_every_listed_version_answers(api):
    for number in range(59, 69):
        api.root = f"/services/data/v{number}.0"
        assert api.get("/limits").status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_resources_and_the_identity(org, api, slash):
    body = api.get(slash).json()
    assert body["sobjects"] == "/services/data/v66.0/sobjects"
    assert body["identity"].startswith(f"{org.url}/id/{org.options()['org_id']}/005")


def test_unknown_resources(api):
    for path in ("/nothing", "/sobjects/Nothing", "/sobjects/Nothing/describe", "//limits"):
        response = api.get(path)
        assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"
        assert "fields" not in error(response)


def test_a_method_that_a_resource_does_not_know(api):
    response = api.delete("/sobjects/Lead/describe")
    assert response.status_code == 405
    assert error(response) == {
        "message": "HTTP Method 'DELETE' not allowed. Allowed are GET,HEAD",
        "errorCode": "METHOD_NOT_ALLOWED",
    }


def test_the_list_of_versions_is_only_read(oauth, org):
    response = oauth.http.post(f"{org.url}/services/data")
    assert response.status_code == 405
    assert error(response)["message"] == "HTTP Method 'POST' not allowed. Allowed are GET,HEAD"


def test_limits(org, api):
    org.set_allowance(max=100, used=10)
    limits = api.get("/limits").json()
    assert limits["DailyApiRequests"] == {"Max": 100, "Remaining": 89}
    assert limits["DailyBulkApiBatches"] == {"Max": 15000, "Remaining": 15000}


def test_the_list_of_objects(api):
    body = api.get("/sobjects/").json()
    assert (body["encoding"], body["maxBatchSize"]) == ("UTF-8", 200)
    names = [each["name"] for each in body["sobjects"]]
    assert {"Account", "Campaign", "Contact", "Lead", "Organization", "User"} <= set(names)


def test_basic_information_of_an_object(api):
    lead_id = api.create()
    body = api.get("/sobjects/lead").json()
    assert body["objectDescribe"]["keyPrefix"] == "00Q"
    assert [each["Id"] for each in body["recentItems"]] == [lead_id]


def fields_of(api, name="Lead"):
    return {each["name"]: each for each in api.get(f"/sobjects/{name}/describe").json()["fields"]}


def test_describe_lists_every_standard_field_with_its_size(api):
    fields = fields_of(api)
    for name, kind, length, byte_length in (
        ("LastName", "string", 80, 240),
        ("Company", "string", 255, 765),
        ("Street", "textarea", 255, 765),
        ("Description", "textarea", 32000, 96000),
        ("Email", "email", 80, 240),
        ("OwnerId", "reference", 18, 18),
        ("Id", "id", 18, 18),
    ):
        field = fields[name]
        assert (field["type"], field["length"], field["byteLength"]) == (kind, length, byte_length)
    assert sum(not each["custom"] for each in fields.values()) == 54
    assert (fields["AnnualRevenue"]["precision"], fields["AnnualRevenue"]["scale"]) == (18, 0)
    assert (fields["Latitude"]["precision"], fields["Latitude"]["scale"]) == (18, 15)
    assert fields["NumberOfEmployees"]["digits"] == 8
    assert fields["IsConverted"]["createable"] and not fields["IsConverted"]["updateable"]
    assert fields["Address"]["soapType"] == "urn:address" and not fields["Name"]["createable"]
    assert fields["City"]["compoundFieldName"] == "Address"


def test_last_name_and_company_are_what_a_lead_needs(api):
    needed = {
        name
        for name, each in fields_of(api).items()
        if each["createable"] and not each["nillable"] and not each["defaultedOnCreate"]
    }
    assert needed == {"LastName", "Company"}


def test_picklists_show_active_and_inactive_entries(api):
    fields = fields_of(api)
    status = fields["Status"]["picklistValues"]
    assert status[0] == {
        "active": True,
        "defaultValue": True,
        "label": "Open - Not Contacted",
        "validFor": None,
        "value": "Open - Not Contacted",
    }
    assert not fields["Status"]["restrictedPicklist"] and fields["Tier__c"]["restrictedPicklist"]
    assert [each["active"] for each in fields["Tier__c"]["picklistValues"]][-1] is False


def test_the_external_id_is_a_unique_text_of_32(api):
    field = fields_of(api)[KEY]
    assert (field["type"], field["length"], field["byteLength"]) == ("string", 32, 96)
    assert field["custom"] and field["externalId"] and field["unique"] and field["idLookup"]
    assert field["createable"] and field["updateable"] and not field["caseSensitive"]


def test_there_is_a_custom_field_of_every_type(api):
    kinds = {each["type"] for each in fields_of(api).values() if each["custom"]}
    assert kinds == {
        "boolean", "currency", "date", "datetime", "double", "email", "encryptedstring",
        "multipicklist", "percent", "phone", "picklist", "reference", "string", "textarea", "url",
    }  # fmt: skip
    custom = fields_of(api)
    assert custom["Lead_Number__c"]["autoNumber"] and custom["Score_Band__c"]["calculated"]


def test_describe_answers_304_when_nothing_changed(org, api):
    org.freeze_clock()
    header = {"If-Modified-Since": format_datetime(org.now(), usegmt=True)}
    response = api.get("/sobjects/Lead/describe", headers=header)
    assert (response.status_code, response.content) == (304, b"")
    org.advance(60)
    org.add_field("Lead", name="New__c", type="string", length=10)
    assert "New__c" in api.get("/sobjects/Lead/describe", headers=header).text
    later = {"If-Modified-Since": format_datetime(org.now() + timedelta(1), usegmt=True)}
    assert api.get("/sobjects/Lead/describe", headers=later).status_code == 304
    assert api.get("/sobjects/Contact/describe", headers=header).status_code == 304
    odd = {"If-Modified-Since": "yesterday"}
    assert api.get("/sobjects/Lead/describe", headers=odd).status_code == 200


def test_names_in_paths_know_no_case(api):
    assert api.get("/sobjects/LEAD/describe").json()["name"] == "Lead"
    lead_id = api.create()
    assert api.get(f"/sobjects/lead/{lead_id}?fields=lastname").json()["LastName"] == "Doe"


def test_hidden_fields_are_not_described_nor_known(org, api):
    org.add_field("Lead", name="Rating", visible=False)
    assert "Rating" not in fields_of(api)
    response = api.post("/sobjects/Lead", {"LastName": "X", "Company": "Y", "Rating": "Hot"})
    assert error(response)["message"] == "No such column 'Rating' on sobject of type Lead"
    assert error(api.query("SELECT Rating FROM Lead"))["errorCode"] == "INVALID_FIELD"


def test_read_only_fields_are_described_and_refused(org, api):
    org.add_field("Lead", name="Rating", createable=False, updateable=False)
    assert fields_of(api)["Rating"]["createable"] is False
    response = api.post("/sobjects/Lead", {"LastName": "X", "Company": "Y", "Rating": "Hot"})
    assert error(response)["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
