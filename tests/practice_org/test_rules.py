"""Assignment rules and duplicate rules, and the headers that steer them."""

import pytest

from tests.practice_org.api import OFF, error, lead, row_error


RULE = "01Q000000000001AAA"
OTTO = "005Pr0000000004IAA"
ALERT = {"match": ["Email"], "action": "allow_alert"}
SAVE = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}


@pytest.fixture
def assigned(org):
    org.options(assignment_rule={"id": RULE, "owner_id": OTTO})
    return org


def owner(org, index=-1):
    return org.leads()[index]["OwnerId"]


@pytest.mark.parametrize(
    ("header", "runs"),
    [(None, True), ("TRUE", True), ("true", True), ("FALSE", False), ("false", False),
     (RULE, True), (RULE[:15], True)],
)  # fmt: skip
def test_the_active_rule_runs_unless_it_is_told_not_to(assigned, api, header, runs):
    headers = {"Sforce-Auto-Assign": header} if header else None
    api.upsert(lead("a"), headers=headers)
    assert (owner(assigned) == OTTO) is runs


def test_the_rule_runs_on_update_too(assigned, api):
    api.upsert(lead("a"), headers=OFF)
    assert owner(assigned) != OTTO
    api.upsert(lead("a", Title="Dr"), headers=OFF)
    assert owner(assigned) != OTTO
    api.upsert(lead("a", Title="Prof"))
    assert owner(assigned) == OTTO


def test_single_rows_are_assigned_too(assigned, api):
    api.create()
    assert owner(assigned) == OTTO
    body = {"LastName": "Doe", "Company": "Acme"}
    api.post("/sobjects/Lead", body, headers=OFF)
    assert owner(assigned) != OTTO


def test_an_inactive_rule_runs_only_when_named(org, api):
    org.options(assignment_rule={"id": RULE, "owner_id": OTTO, "active": False})
    api.upsert(lead("a"))
    assert owner(org) != OTTO
    api.upsert(lead("b"), headers={"Sforce-Auto-Assign": RULE})
    assert owner(org) == OTTO


def test_a_rule_that_does_not_exist(assigned, api):
    response = api.upsert_call(lead("a"), headers={"Sforce-Auto-Assign": "01Q000000000009"})
    assert response.status_code == 400
    assert error(response)["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert assigned.leads() == []


@pytest.fixture
def guarded(org, api):
    """A duplicate rule that alerts, and a lead it will find."""
    org.options(duplicate_rule=ALERT)
    api.upsert(lead("first", Email="Same@x.example"))
    return org


def test_a_duplicate_is_refused_in_its_row(guarded, api):
    bad, good = api.upsert(lead("a", Email="same@x.example"), lead("b", Email="other@x.example"))
    assert good["success"]
    assert row_error(bad) == {
        "statusCode": "DUPLICATES_DETECTED",
        "message": "Use one of these records?",
        "fields": [],
    }


def test_a_single_row_tells_what_was_found(guarded, api):
    record = {"LastName": "Doe", "Company": "Acme", "Email": "same@x.example"}
    response = api.post("/sobjects/Lead", record)
    assert response.status_code == 400
    problem = error(response)
    assert set(problem) == {"duplicateResult", "errorCode", "message"}
    assert problem["errorCode"] == "DUPLICATES_DETECTED"
    result = problem["duplicateResult"]
    assert result["allowSave"] is True and result["duplicateRuleEntityType"] == "Lead"
    [matches] = result["matchResults"]
    [match] = matches["matchRecords"]
    assert matches["size"] == 1 and match["matchConfidence"] == 100.0
    assert match["record"]["Id"] == guarded.leads()[0]["Id"]


def test_allow_save_overrides_an_alert_but_not_a_block(guarded, api):
    assert api.upsert(lead("a", Email="same@x.example"), headers=SAVE)[0]["success"]
    guarded.options(duplicate_rule={**ALERT, "action": "block"})
    [row] = api.upsert(lead("b", Email="same@x.example"), headers=SAVE)
    assert row_error(row)["statusCode"] == "DUPLICATES_DETECTED"
    record = {"LastName": "Doe", "Company": "Acme", "Email": "same@x.example"}
    problem = error(api.post("/sobjects/Lead", record, headers=SAVE))
    assert problem["duplicateResult"]["allowSave"] is False
    found = problem["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]
    assert found["Company"] == "Acme"


def test_a_lead_is_no_duplicate_of_itself_of_deleted_or_converted_ones(guarded, api):
    first = guarded.leads()[0]["Id"]
    assert api.upsert(lead("first", Email="same@x.example", Title="Dr"))[0]["success"]
    guarded.convert(first)
    [second] = api.upsert(lead("second", Email="same@x.example"))
    assert second["success"]
    guarded.delete(second["id"])
    assert api.upsert(lead("third", Email="same@x.example"))[0]["success"]


def test_an_update_is_checked_when_a_compared_field_changes(guarded, api):
    api.upsert(lead("a", Email="a@x.example"))
    assert api.upsert(lead("a", Title="Dr"))[0]["success"]
    [row] = api.upsert(lead("a", Email="same@x.example"))
    assert row_error(row)["statusCode"] == "DUPLICATES_DETECTED"


def test_rows_of_one_call_are_compared_with_each_other(guarded, api):
    one, two = api.upsert(lead("a", Email="new@x.example"), lead("b", Email="new@x.example"))
    assert one["success"] and row_error(two)["statusCode"] == "DUPLICATES_DETECTED"


def test_leads_without_the_compared_field_are_never_duplicates(guarded, api):
    assert all(row["success"] for row in api.upsert(lead("a"), lead("b")))
