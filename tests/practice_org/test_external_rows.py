"""Single rows by external id."""

from urllib.parse import quote

import pytest

from tests.practice_org.api import KEY, error


BODY = {"LastName": "Doe", "Company": "Acme"}


def path(value, field=KEY):
    return f"/sobjects/Lead/{field}/{quote(value, safe='')}"


def test_an_upsert_creates_and_then_updates(api):
    response = api.patch(path("k1"), BODY)
    assert response.status_code == 201
    created = response.json()
    assert list(created) == ["id", "success", "errors", "created"] and created["created"] is True
    response = api.patch(path("K1"), {"LastName": "Roe"})
    assert response.status_code == 200
    assert response.json() == {**created, "created": False}
    lead = api.read(created["id"])
    assert (lead["LastName"], lead[KEY]) == ("Roe", "k1")


def test_update_only_never_creates(api):
    response = api.patch(path("k1") + "?updateOnly=true", BODY)
    assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"
    assert api.patch(path("k1"), BODY).status_code == 201
    assert api.patch(path("k1") + "?updateOnly=true", BODY).status_code == 200


@pytest.mark.parametrize("value", ["a/b", "a?b#c", "50%", "ä ö", "a+b", "x=y&z"])
def test_values_travel_encoded(org, api, value):
    assert api.patch(path(value), BODY).status_code == 201
    assert org.leads()[0][KEY] == value
    assert api.get(path(value)).json()[KEY] == value


def test_a_value_like_a_file_name_is_not_found(api):
    response = api.patch(path("acme.inc"), BODY)
    assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"


@pytest.mark.parametrize("field", ["Namez", "LastName", "Tax_Number__c"])
def test_a_field_that_is_no_external_id(api, field):
    response = api.patch(path("x", field), BODY)
    assert response.status_code == 404
    assert error(response) == {
        "message": f"Provided external ID field does not exist or is not accessible: {field}",
        "errorCode": "NOT_FOUND",
    }


def test_a_hidden_external_id_is_not_accessible(org, api):
    org.add_field("Lead", name=KEY, visible=False)
    response = api.patch(path("x"), BODY)
    assert response.status_code == 404 and "not accessible" in error(response)["message"]


def test_several_matches(api):
    ids = [api.create(Legacy_Key__c="same") for _ in range(2)]
    response = api.patch(path("same", "Legacy_Key__c"), BODY)
    assert response.status_code == 300
    assert response.json() == [f"{api.root}/sobjects/Lead/{each}" for each in ids]
    assert api.get(path("same", "Legacy_Key__c")).status_code == 300


def test_the_external_id_does_not_belong_into_the_body(api):
    response = api.patch(path("k1"), {**BODY, KEY: "k1"})
    assert response.status_code == 400
    assert error(response) == {
        "message": f"The {KEY} field should not be specified in the sobject data.",
        "errorCode": "INVALID_FIELD",
    }


def test_the_record_id_takes_no_patch(api):
    response = api.patch("/sobjects/Lead/Id", BODY)
    assert response.status_code == 405
    assert error(response) == {
        "message": "HTTP Method 'PATCH' not allowed. Allowed are GET,HEAD,POST",
        "errorCode": "METHOD_NOT_ALLOWED",
    }
    assert api.post("/sobjects/Lead/Id", BODY).status_code == 201
    assert api.get("/sobjects/Lead/Id").status_code == 404


def test_a_case_sensitive_field_tells_upper_from_lower(org, api):
    for value in ("abc", "ABC"):
        assert api.patch(path(value, "Exact_Key__c"), BODY).status_code == 201
    assert {lead["Exact_Key__c"] for lead in org.leads()} == {"abc", "ABC"}


def test_a_number_as_external_id(org, api):
    assert api.patch(path("12", "Legacy_Number__c"), BODY).status_code == 201
    assert api.patch(path("12.0", "Legacy_Number__c"), BODY).status_code == 200
    assert org.leads()[0]["Legacy_Number__c"] == 12.0
    assert api.patch(path("twelve", "Legacy_Number__c"), BODY).status_code == 404


def test_reading_and_deleting_by_external_id(api):
    assert api.get(path("k1")).status_code == 404
    assert api.delete(path("k1")).status_code == 404
    api.patch(path("k1"), BODY)
    assert api.get(path("k1") + "?fields=Company").json()["Company"] == "Acme"
    assert api.delete(path("k1")).status_code == 204
    assert api.get(path("k1")).status_code == 404


def test_a_deleted_lead_is_not_matched(org, api):
    first = api.patch(path("k1"), BODY).json()["id"]
    org.delete(first)
    response = api.patch(path("k1"), BODY)
    assert response.status_code == 201 and response.json()["id"] != first


def test_a_converted_lead_is_matched_and_refused(org, api):
    org.convert(api.patch(path("k1"), BODY).json()["id"])
    response = api.patch(path("k1"), BODY)
    assert response.status_code == 400
    assert error(response) == {
        "message": "cannot reference converted lead",
        "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD",
        "fields": [],
    }
