"""Single rows by record id."""

import pytest

from tests.practice_org.api import KEY, error


UNKNOWN = "00Q000000000099"
UNKNOWN_18 = "00Q000000000099EAA"


def test_a_row_is_created_and_read(api):
    response = api.post("/sobjects/Lead/", {"LastName": "Doe", "Company": "Acme"})
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["id", "success", "errors"]
    assert body["id"].startswith("00Q") and len(body["id"]) == 18
    assert response.headers["Location"] == f"{api.root}/sobjects/Lead/{body['id']}"
    lead = api.read(body["id"])
    assert lead["attributes"] == {
        "type": "Lead",
        "url": f"{api.root}/sobjects/Lead/{body['id']}",
    }
    assert (lead["Name"], lead["Status"]) == ("Doe", "Open - Not Contacted")
    assert lead["Title"] is None and lead["Newsletter__c"] is False


def test_ids_of_15_and_18_characters_are_accepted_but_their_case_counts(api):
    lead_id = api.create()
    assert api.read(lead_id[:15])["Id"] == lead_id
    assert api.get(f"/sobjects/Lead/{lead_id[:15].swapcase()}").status_code != 200
    broken = lead_id[:17] + ("A" if lead_id[17] != "A" else "B")
    response = api.get(f"/sobjects/Lead/{broken}")
    assert response.status_code == 400
    assert error(response) == {
        "message": f"malformed id {broken}",
        "errorCode": "MALFORMED_ID",
        "fields": ["Id"],
    }


def test_an_id_of_another_object(api):
    response = api.get("/sobjects/Account/00Q000000000099")
    assert response.status_code == 400
    assert error(response) == {
        "message": "Account ID: id value of incorrect type: 00Q000000000099",
        "errorCode": "MALFORMED_ID",
        "fields": ["Id"],
    }


def test_only_the_fields_asked_for_are_read(api):
    lead_id = api.create(Email="a@b.example")
    lead = api.get(f"/sobjects/Lead/{lead_id}?fields=Email,lastname").json()
    assert list(lead) == ["attributes", "Email", "LastName"]
    response = api.get(f"/sobjects/Lead/{lead_id}?fields=Nope")
    assert response.status_code == 400
    assert error(response)["message"] == "No such column 'Nope' on entity 'Lead'"
    assert "fields" not in error(response)


def test_an_update_changes_what_it_names_and_nothing_else(org, api):
    org.freeze_clock()
    lead_id = api.create(Email="a@b.example", FirstName="Jo")
    before = api.read(lead_id)
    org.advance(5)
    response = api.patch(f"/sobjects/Lead/{lead_id}", {"LastName": "Roe", "Email": None})
    assert (response.status_code, response.content) == (204, b"")
    after = api.read(lead_id)
    assert (after["Name"], after["Email"], after["FirstName"]) == ("Jo Roe", None, "Jo")
    assert after["CreatedDate"] == before["CreatedDate"] == before["SystemModstamp"]
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["SystemModstamp"].endswith(".000+0000")


def test_a_deleted_row_says_so(api):
    lead_id = api.create()
    assert api.delete(f"/sobjects/Lead/{lead_id}").status_code == 204
    gone = {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
    for response in (
        api.get(f"/sobjects/Lead/{lead_id}"),
        api.patch(f"/sobjects/Lead/{lead_id}", {"LastName": "X"}),
        api.delete(f"/sobjects/Lead/{lead_id}"),
    ):
        assert response.status_code == 404 and error(response) == gone


@pytest.mark.parametrize("lead_id", [UNKNOWN, UNKNOWN_18])
def test_an_unknown_row(api, lead_id):
    response = api.get(f"/sobjects/Lead/{lead_id}")
    assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"
    for response in (
        api.patch(f"/sobjects/Lead/{lead_id}", {"LastName": "X"}),
        api.delete(f"/sobjects/Lead/{lead_id}"),
    ):
        assert response.status_code == 404
        assert error(response) == {
            "message": "invalid cross reference id",
            "errorCode": "INVALID_CROSS_REFERENCE_KEY",
            "fields": [],
        }


def test_what_looks_like_no_id_is_taken_for_a_field(api):
    response = api.get("/sobjects/Lead/Namez")
    assert response.status_code == 404
    assert error(response) == {
        "message": "Provided external ID field does not exist or is not accessible: Namez",
        "errorCode": "NOT_FOUND",
    }


def test_the_id_does_not_belong_into_the_body(api):
    lead_id = api.create()
    response = api.patch(f"/sobjects/Lead/{lead_id}", {"Id": lead_id, "LastName": "X"})
    assert response.status_code == 400
    assert error(response) == {
        "message": "The Id field should not be specified in the sobject data.",
        "errorCode": "INVALID_FIELD",
    }


def test_single_row_errors_have_their_own_shape(api):
    response = api.post("/sobjects/Lead", {"LastName": "X", "Company": "Y", "Nope__c": 1})
    assert response.status_code == 400
    assert error(response) == {
        "message": "No such column 'Nope__c' on sobject of type Lead",
        "errorCode": "INVALID_FIELD",
    }
    response = api.post("/sobjects/Lead", {})
    assert error(response) == {
        "message": "Required fields are missing: [LastName, Company]",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["LastName", "Company"],
    }


def test_objects_that_take_no_writes(api):
    for response in (
        api.post("/sobjects/User", {"LastName": "X"}),
        api.patch("/sobjects/Organization/00DPr0000000001", {"Name": "X"}),
        api.delete("/sobjects/User/005Pr0000000001"),
    ):
        assert response.status_code == 400
        assert error(response)["errorCode"] == "INVALID_TYPE_FOR_OPERATION"


def test_other_objects_can_be_written_too(api):
    account = api.post("/sobjects/Account", {"Name": "Acme"}).json()["id"]
    contact = {"LastName": "Doe", "FirstName": "Jo", "AccountId": account, KEY: "c1"}
    contact_id = api.post("/sobjects/Contact", contact).json()["id"]
    read = api.get(f"/sobjects/Contact/{contact_id}").json()
    assert contact_id.startswith("003") and read["Name"] == "Jo Doe"
    assert read["AccountId"] == account


def test_the_address_is_read_as_one(api):
    lead = api.read(api.create(Street="1 High St", City="York", Country="UK"))
    assert lead["Address"] == {
        "city": "York", "country": "UK", "geocodeAccuracy": None, "latitude": None,
        "longitude": None, "postalCode": None, "state": None, "street": "1 High St",
    }  # fmt: skip
    assert api.read(api.create())["Address"] is None


def test_encrypted_text_is_masked_when_read(org, api):
    lead_id = api.create(Secret_Note__c="passport 123")
    assert api.read(lead_id)["Secret_Note__c"] == "X" * 12
    assert org.leads()[0]["Secret_Note__c"] == "passport 123"


def test_the_org_numbers_and_computes(api):
    first, second = api.read(api.create(Score__c=80)), api.read(api.create(Score__c=8))
    assert (first["Score_Band__c"], second["Score_Band__c"]) == ("High", "Low")
    assert first["Lead_Number__c"] < second["Lead_Number__c"]
