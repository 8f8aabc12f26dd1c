"""What does not exist is told by its name, with what to do next."""

from __future__ import annotations

import pytest

from wagtail_salesforce.exceptions import RequestRefused


GONE = "00QPr0000009999"
KELLER = {"LastName": "Keller", "Company": "Acme"}


def refusal_of(do):
    with pytest.raises(RequestRefused) as refusal:
        do()
    return refusal.value


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Leed", "; did you mean Lead?"),
        ("oportunity", "; did you mean Opportunity?"),
        ("Shoe__c", "can see."),
    ],
)
def test_an_object(client, org, name, hint):
    refused = refusal_of(lambda: client.describe(name))
    assert (refused.code, refused.status) == ("NOT_FOUND", 404)
    assert refused.message.startswith(f"There is no object {name} in this organization")
    assert refused.message.endswith(hint)
    assert "__c" in refused.cure and "access" in refused.cure
    assert len(org.calls(counted=True)) == 1


@pytest.mark.parametrize("count", [1, 201])
def test_an_object_to_write(client, count):
    refused = refusal_of(lambda: client.insert("Leed", [KELLER] * count))
    assert refused.code == "INVALID_TYPE"
    assert refused.message.endswith("; did you mean Lead?")
    assert {result.code for result in refused.results} == {"INVALID_TYPE"}
    assert len(refused.results) == count


def test_a_record_to_read(client):
    refused = refusal_of(lambda: client.get("Lead", GONE))
    assert refused.code == "NOT_FOUND"
    assert refused.message == f"There is no Lead with the id {GONE} that this user can see."
    assert refused.cure == "Check the id, and the name of the object: Lead."
    refused = refusal_of(lambda: client.get("Leed", GONE))
    assert refused.cure.endswith("Leed; did you mean Lead?")


def test_another_refusal_of_a_record_to_read_stays_as_it_is(client):
    id = client.insert("Lead", KELLER).id
    assert refusal_of(lambda: client.get("Lead", id, ["Shoe__c"])).code == "INVALID_FIELD"


@pytest.mark.parametrize("transport", ["rest", "bulk"])
def test_a_record_to_change_or_delete(client, transport):
    good, gone = (result.id for result in client.insert("Lead", [KELLER, KELLER]))
    assert client.delete("Lead", gone, transport=transport).success
    records = [{"Id": good, "Title": "Dr"}, {"Id": gone, "Title": "Dr"}, {"Id": GONE}]
    fine, deleted, missing = client.update("Lead", records, transport=transport)
    assert fine.success
    assert (deleted.code, missing.code) == ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")
    assert deleted.message == f"The Lead with the id {gone} has been deleted."
    assert missing.message.startswith(f"There is no Lead with the id {GONE} ")
    again = client.delete("Lead", [gone, GONE], transport=transport)
    assert [result.message for result in again] == [deleted.message, missing.message]


def test_a_reference_that_leads_nowhere_is_not_the_record(client):
    id = client.insert("Lead", KELLER).id
    result = client.update("Lead", {"Id": id, "OwnerId": "005Pr0000009999"})
    assert not result.success
    assert id not in result.message
