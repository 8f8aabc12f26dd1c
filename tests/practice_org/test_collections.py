"""sObject Collections: create, update, upsert, delete, retrieve."""

import pytest

from tests.practice_org.api import COLLECTION, KEY, error, lead, row_error


ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using"
    " AllOrNone header",
    "fields": [],
}


def new(**fields):
    return {"attributes": {"type": "Lead"}, "LastName": "Doe", "Company": "Acme", **fields}


def test_an_upsert_answers_in_order(org, api):
    first = api.upsert(lead("a"), lead("b"))
    assert [list(row) for row in first] == [["id", "success", "errors", "created"]] * 2
    assert [row["created"] for row in first] == [True, True]
    second = api.upsert(lead("c"), lead("B", LastName="Roe"))
    assert [row["created"] for row in second] == [True, False]
    assert second[1]["id"] == first[1]["id"]
    assert [each["LastName"] for each in org.leads()] == ["Doe", "Roe", "Doe"]
    assert [each[KEY] for each in org.leads()] == ["a", "b", "c"]


def test_an_upsert_is_one_call_whatever_its_size(org, api):
    rows = api.upsert(*(lead(f"k{number}") for number in range(200)))
    assert all(row["success"] for row in rows) and org.count_leads() == 200
    [call] = org.calls(counted=True)
    assert call["rows"] == 200 and call["status"] == 200
    assert "authorization" not in {name.lower() for name in call["headers"]}


def test_names_in_rows_know_no_case(org, api):
    row = {"attributes": {"type": "lead"}, KEY.upper(): "a", "lastname": "Doe", "COMPANY": "Acme"}
    assert api.upsert(row)[0]["success"]
    assert org.leads()[0]["Company"] == "Acme"


@pytest.mark.parametrize("records", [[], None])
def test_no_record(api, records):
    body = {} if records is None else {"records": records}
    response = api.patch(COLLECTION, body)
    assert response.status_code == 400
    assert error(response) == {
        "message": "At least 1 record is required",
        "errorCode": "REQUIRED_FIELD_MISSING",
    }


def test_more_than_200_records(org, api):
    response = api.upsert_call(*(lead(str(number)) for number in range(201)))
    assert response.status_code == 400
    assert error(response) == {
        "message": "record limit reached. cannot submit more than 200 records into this call",
        "errorCode": "EXCEEDED_ID_LIMIT",
    }
    assert org.leads() == []


@pytest.mark.parametrize(
    "body",
    [
        {"records": {}},
        {"records": "x"},
        {"records": [5]},
        {"records": [None]},
        {"allOrNone": "false", "records": [lead("a")]},
    ],
)
def test_envelopes_of_the_wrong_kind(org, api, body):
    response = api.patch(COLLECTION, body)
    assert response.status_code == 400 and error(response)["errorCode"] == "JSON_PARSER_ERROR"
    assert org.leads() == []


@pytest.mark.parametrize(
    "row", [{"LastName": "x"}, {"attributes": {}}, {"attributes": {"type": "Nope"}}]
)
def test_a_row_without_a_known_type_spoils_the_call(org, api, row):
    response = api.upsert_call(lead("a"), {KEY: "b", **row})
    assert response.status_code == 400 and error(response)["errorCode"] == "INVALID_TYPE"
    assert org.leads() == []


def test_a_row_of_another_object_than_the_paths(api):
    contact = {"attributes": {"type": "Contact"}, KEY: "c", "LastName": "Doe"}
    good, bad = api.upsert(lead("a"), contact)
    assert good["success"] and row_error(bad)["statusCode"] == "INVALID_TYPE"


def test_the_same_key_twice_fails_every_row_that_has_it(org, api):
    api.upsert(lead("dup", LastName="Before"))
    rows = api.upsert(lead("dup"), lead("b"), lead("DUP"))
    assert [row["success"] for row in rows] == [False, True, False]
    assert row_error(rows[0]) == {
        "statusCode": "DUPLICATE_VALUE",
        "message": "Duplicate external id specified: dup",
        "fields": [KEY],
    }
    assert row_error(rows[2])["message"] == "Duplicate external id specified: DUP"
    assert [each["LastName"] for each in org.leads()] == ["Before", "Doe"]


def test_a_case_sensitive_key_may_differ_in_case_only(api):
    rows = [{**new(), "Exact_Key__c": key} for key in ("a", "A", "a")]
    response = api.patch("/composite/sobjects/Lead/Exact_Key__c", {"records": rows})
    assert [row["success"] for row in response.json()] == [False, True, False]


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_blank_key(api, key):
    good, bad = api.upsert(lead("a"), lead(key))
    assert good["success"]
    assert row_error(bad) == {
        "statusCode": "MISSING_ARGUMENT",
        "message": f"{KEY} not specified",
        "fields": [],
    }
    assert row_error(api.upsert(new())[0])["statusCode"] == "MISSING_ARGUMENT"


def test_a_key_too_long(api):
    assert row_error(api.upsert(lead("k" * 33))[0])["statusCode"] == "STRING_TOO_LONG"


def test_several_matches_of_a_key_that_is_not_unique(api):
    ids = [api.create(Legacy_Key__c="same") for _ in range(2)]
    row = {**new(), "Legacy_Key__c": "same"}
    response = api.patch("/composite/sobjects/Lead/Legacy_Key__c", {"records": [row]})
    assert row_error(response.json()[0]) == {
        "statusCode": "DUPLICATE_EXTERNAL_ID",
        "message": "Legacy Key: more than one record found for external id field:"
        f" [{ids[0]}, {ids[1]}]",
        "fields": [],
    }


def test_a_record_id_does_not_belong_into_an_upsert(api):
    row = lead("a", Id="00Q000000000001")
    assert row_error(api.upsert(row)[0])["statusCode"] == "INVALID_FIELD"


@pytest.mark.parametrize("field", ["Id", "Nope__c", "LastName"])
def test_a_field_that_cannot_be_upserted_by(api, field):
    response = api.patch(f"/composite/sobjects/Lead/{field}", {"records": [lead("a")]})
    assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"


def test_null_clears_and_absence_leaves_alone(api):
    [row] = api.upsert(lead("a", Title="Dr", Phone="1"))
    api.upsert(lead("a", Title=None))
    read = api.read(row["id"])
    assert (read["Title"], read["Phone"]) == (None, "1")


def test_all_or_none_saves_nothing(org, api):
    api.upsert(lead("old", LastName="Before"))
    rows = api.upsert(
        lead("new"), lead("old", LastName="After"), lead("x", Email="no"), allOrNone=True
    )
    assert [row["success"] for row in rows] == [False] * 3
    assert rows[0]["errors"] == [ROLLED_BACK] and "created" not in rows[0]
    assert rows[1]["errors"] == [ROLLED_BACK]
    assert rows[1]["id"] == org.leads()[0]["Id"]
    assert row_error(rows[2])["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert [each["LastName"] for each in org.leads()] == ["Before"]
    [again] = api.upsert(lead("new"))
    assert again["created"] is True


def test_creating_rows(api):
    contact = {"attributes": {"type": "Contact"}, "LastName": "Doe"}
    rows = api.post("/composite/sobjects", {"records": [new(), contact, new(Company=None)]}).json()
    assert [list(row) for row in rows[:2]] == [["id", "success", "errors"]] * 2
    assert rows[0]["id"].startswith("00Q") and rows[1]["id"].startswith("003")
    assert row_error(rows[2])["message"] == "Required fields are missing: [Company]"


def test_creating_all_or_none(org, api):
    body = {"allOrNone": True, "records": [new(), new(LastName=None)]}
    rows = api.post("/composite/sobjects", body).json()
    assert rows[0] == {"success": False, "errors": [ROLLED_BACK]}
    assert org.leads() == []


def test_updating_rows_by_id(org, api):
    lead_id = api.create()
    deleted, converted = api.create(), api.create()
    org.delete(deleted)
    org.convert(converted)
    rows = [
        {"id": lead_id[:15], "Title": "Dr"},
        {"Title": "Dr"},
        {"id": deleted, "Title": "Dr"},
        {"id": converted, "Title": "Dr"},
        {"id": "00Q000000000099", "Title": "Dr"},
        {"id": "0030000000000AA", "Title": "Dr"},
    ]
    records = [{"attributes": {"type": "Lead"}, **row} for row in rows]
    answer = api.patch("/composite/sobjects", {"records": records}).json()
    assert answer[0] == {"id": lead_id, "success": True, "errors": []}
    assert [row_error(row)["statusCode"] for row in answer[1:]] == [
        "MISSING_ARGUMENT",
        "ENTITY_IS_DELETED",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
    ]
    assert row_error(answer[1])["message"] == "Id not specified in an update call"
    assert row_error(answer[2]) == {
        "statusCode": "ENTITY_IS_DELETED",
        "message": "entity is deleted",
        "fields": [],
    }
    assert row_error(answer[5])["fields"] == ["Id"]
    assert api.read(lead_id)["Title"] == "Dr"


def test_one_id_twice_in_an_update(api):
    lead_id = api.create()
    rows = [{**new(), "id": lead_id}, {**new(), "id": lead_id[:15]}]
    answer = api.patch("/composite/sobjects", {"records": rows}).json()
    assert [row_error(row)["statusCode"] for row in answer] == ["DUPLICATE_VALUE"] * 2


def test_an_unknown_field_rolls_an_all_or_none_update_back(api):
    first, second = api.create(), api.create()
    rows = [
        {"attributes": {"type": "Lead"}, "id": first, "Title": "Dr"},
        {"attributes": {"type": "Lead"}, "id": second, "Nope__c": "x"},
    ]
    answer = api.patch("/composite/sobjects", {"allOrNone": True, "records": rows}).json()
    assert answer[0] == {"success": False, "errors": [ROLLED_BACK]}
    assert row_error(answer[1])["statusCode"] == "INVALID_FIELD"
    assert api.read(first)["Title"] is None


def test_deleting_rows(org, api):
    first, second = api.create(), api.create()
    path = f"/composite/sobjects?ids={first},nonsense,{second}&allOrNone=false"
    answer = api.delete(path).json()
    assert [row["success"] for row in answer] == [True, False, True]
    assert row_error(answer[1])["statusCode"] == "MALFORMED_ID"
    assert org.leads() == [] and len(org.leads(include_deleted=True)) == 2
    third = api.create()
    answer = api.delete(f"/composite/sobjects?ids={third},{first}&allOrNone=true").json()
    assert [row["success"] for row in answer] == [False, False]
    assert row_error(answer[1])["statusCode"] == "ENTITY_IS_DELETED"
    assert len(org.leads()) == 1


def test_retrieving_rows(api):
    first, second = api.create(LastName="One"), api.create(LastName="Two")
    unknown = "00Q000000000099"
    path = f"/composite/sobjects/Lead?ids={second},{unknown},{first}&fields=LastName"
    answer = api.get(path).json()
    assert answer[1] is None
    assert [answer[0]["LastName"], answer[2]["LastName"]] == ["Two", "One"]
    assert list(answer[0]) == ["attributes", "Id", "LastName"]
    body = {"ids": [first], "fields": ["Id", "LastName"]}
    assert api.post("/composite/sobjects/Lead", body).json()[0]["Id"] == first
    response = api.post("/composite/sobjects/Lead", {"ids": [first], "fields": ["Nope"]})
    assert response.status_code == 400 and error(response)["errorCode"] == "INVALID_FIELD"
    for body in ({"ids": [first]}, {"ids": [5], "fields": ["Id"]}, {}):
        response = api.post("/composite/sobjects/Lead", body)
        assert response.status_code == 400 and error(response)["errorCode"] == "JSON_PARSER_ERROR"
    assert api.get(f"/composite/sobjects/Lead?ids={first}").status_code == 400
    many = api.post("/composite/sobjects/Lead", {"ids": [first] * 2001, "fields": ["Id"]})
    assert many.status_code == 400 and error(many)["errorCode"] == "EXCEEDED_ID_LIMIT"


def test_read_only_objects(api):
    row = {"attributes": {"type": "User"}, "LastName": "x"}
    response = api.post("/composite/sobjects", {"records": [row]})
    assert response.status_code == 400
    assert error(response)["errorCode"] == "INVALID_TYPE_FOR_OPERATION"
