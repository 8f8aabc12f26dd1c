"""What happens to leads inside Salesforce, and what a client sees of it."""

import pytest

from tests.practice_org.api import KEY, error, lead, row_error
from wagtail_salesforce.practice_org.control import PracticeOrgError


@pytest.fixture
def lead_id(api):
    return api.upsert(lead("k", FirstName="Jo", Email="jo@x.example"))[0]["id"]


def test_a_converted_lead_becomes_account_and_contact(org, api, lead_id):
    org.convert(lead_id)
    read = api.read(lead_id)
    assert read["IsConverted"] and read["Status"] == "Closed - Converted"
    assert read["ConvertedDate"] == org.now().date().isoformat()
    contact = api.get(f"/sobjects/Contact/{read['ConvertedContactId']}").json()
    account = api.get(f"/sobjects/Account/{read['ConvertedAccountId']}").json()
    assert (contact["Name"], contact["AccountId"]) == ("Jo Doe", account["Id"])
    assert account["Name"] == "Acme"
    [row] = api.upsert(lead("k"))
    assert row_error(row) == {
        "statusCode": "CANNOT_UPDATE_CONVERTED_LEAD",
        "message": "cannot reference converted lead",
        "fields": [],
    }


def test_a_deleted_lead_gives_way_to_a_new_one(org, api, lead_id):
    org.delete(lead_id)
    [row] = api.upsert(lead("k"))
    assert row["created"] and row["id"] != lead_id
    with pytest.raises(PracticeOrgError, match="DUPLICATE_VALUE"):
        org.undelete(lead_id)
    org.delete(row["id"])
    org.undelete(lead_id)
    assert api.upsert(lead("k"))[0]["id"] == lead_id


def test_a_merged_lead_is_deleted_and_names_its_master(org, api, lead_id):
    other = api.create()
    org.merge(lead_id, into=other)
    [gone] = [each for each in org.leads(include_deleted=True) if each["IsDeleted"]]
    assert (gone["Id"], gone["MasterRecordId"]) == (lead_id, other)
    response = api.patch(f"/sobjects/Lead/{lead_id}", {"Title": "Dr"})
    assert response.status_code == 404 and error(response)["errorCode"] == "ENTITY_IS_DELETED"
    second = api.create()
    for loser, into in ((second, lead_id), (second, second), (lead_id, other)):
        with pytest.raises(PracticeOrgError):
            org.merge(loser, into=into)


def test_a_lead_changed_by_hand(org, api, lead_id):
    org.freeze_clock()
    org.advance(60)
    org.change(lead_id, Status="Working - Contacted", LastName="Roe")
    read = api.read(lead_id)
    assert (read["Status"], read["Name"]) == ("Working - Contacted", "Jo Roe")
    assert read["SystemModstamp"] > read["CreatedDate"]
    assert read["LastModifiedById"] != read["CreatedById"]
    with pytest.raises(PracticeOrgError, match="INVALID_FIELD"):
        org.change(lead_id, Nope="x")


def test_actions_on_the_wrong_lead(org, lead_id):
    org.delete(lead_id)
    for action in (org.convert, org.delete):
        with pytest.raises(PracticeOrgError, match="ENTITY_IS_DELETED"):
            action(lead_id)
    with pytest.raises(PracticeOrgError, match="NOT_FOUND"):
        org.convert("00Q000000000099")


def test_a_lead_is_converted_once(org, lead_id):
    org.convert(lead_id)
    with pytest.raises(PracticeOrgError, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        org.convert(lead_id)


def test_what_the_leads_are_shown_with(org, api, lead_id):
    [shown] = org.leads()
    assert shown[KEY] == "k" and shown["Title"] is None and shown["IsDeleted"] is False
    org.delete(lead_id)
    assert org.leads() == [] and org.count_leads() == 0
    assert len(org.leads(include_deleted=True)) == 1
