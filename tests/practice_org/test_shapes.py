"""Shapes that real orgs have: what describe lists of them, and what they refuse."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections import Counter

import pytest
import requests

from tests.practice_org.api import KEY, Api, lead, row_error
from wagtail_salesforce.practice_org.control import PracticeOrg, PracticeOrgError


def described(api, name="Lead"):
    fields = api.get(f"/sobjects/{name}/describe").json()["fields"]
    return {field["name"]: field for field in fields}


# A big company


def test_a_big_company_has_800_fields_of_every_type(org, api):
    plain = described(api)
    assert org.shape("large") == ["large"]
    fields = described(api)
    assert len(fields) == 800 and set(plain) < set(fields)
    kinds = Counter(field["type"] for field in fields.values())
    wanted = {
        "string",
        "picklist",
        "multipicklist",
        "double",
        "currency",
        "percent",
        "date",
        "time",
    }
    wanted |= {"datetime", "boolean", "textarea", "email", "phone", "url", "reference"}
    wanted |= {"encryptedstring", "location", "address", "int", "id"}
    assert wanted <= set(kinds)
    assert any(field["htmlFormatted"] for field in fields.values())
    assert any(field["calculated"] and field["type"] == "date" for field in fields.values())
    assert fields["Markup__c"]["inlineHelpText"].startswith("Kept up to date by <b>")
    assert fields["Twin_A__c"]["label"] == fields["Twin_B__c"]["label"] == "Twin"


def test_long_picklists_restricted_and_not(org, api):
    org.shape("large")
    branch, dealer = described(api)["Branch__c"], described(api)["Dealer__c"]
    assert len(branch["picklistValues"]) == len(dealer["picklistValues"]) == 1000
    assert branch["restrictedPicklist"] and not dealer["restrictedPicklist"]
    free, known, retired = api.upsert(
        lead("a", Dealer__c="Corner shop"),
        lead("b", Branch__c="B0998"),
        lead("c", Branch__c="B0099"),
    )
    assert free["success"] and known["success"]
    assert row_error(retired)["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    # A label is no value.
    [labelled] = api.upsert(lead("d", Branch__c="Branch no. 1"))
    assert row_error(labelled)["message"].endswith("picklist field: Branch no. 1")


def test_a_picklist_that_depends_on_another(org, api):
    org.shape("large")
    model = described(api)["Model__c"]
    assert model["dependentPicklist"] and model["controllerName"] == "Branch__c"
    assert [bits(entry) for entry in model["picklistValues"][:3]] == [[0], [1], [2]]


def bits(entry):
    data = base64.b64decode(entry["validFor"])
    return [n for n in range(len(data) * 8) if data[n // 8] & (0x80 >> n % 8)]


def test_times_of_day_and_places(org, api):
    org.shape("large")
    name = next(name for name, field in described(api).items() if field["type"] == "time")
    place = {"Site__Latitude__s": 52.5, "Site__Longitude__s": 13.4}
    lead_id = api.create(**{name: "09:30:00.000Z", **place})
    read = api.read(lead_id)
    assert read[name] == "09:30:00.000Z"
    assert read["Site__c"] == {"latitude": 52.5, "longitude": 13.4}
    for wrong in ("9:30", "25:00:00Z", "09:30:00+02:00"):
        refused = api.post("/sobjects/Lead", {"LastName": "x", "Company": "y", name: wrong})
        assert refused.status_code == 400 and "instance of time" in refused.text
    [row] = api.upsert(lead("a", Site__c={"latitude": 1}) | {"Site__c": None})
    assert row_error(row)["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_required_field_with_a_default_may_be_left_out(org, api):
    org.shape("large")
    field = described(api)["Needed__c"]
    assert not field["nillable"] and field["defaultedOnCreate"] and field["defaultValue"] is None
    assert api.read(api.create())["Needed__c"] == "Web"


# Record types, person accounts, currencies


def test_record_types(org, api):
    master = api.get("/sobjects/Lead/describe").json()["recordTypeInfos"]
    assert [(each["name"], each["defaultRecordTypeMapping"]) for each in master] == [
        ("Master", True)
    ]
    org.shape("record_types")
    infos = api.get("/sobjects/Lead/describe").json()["recordTypeInfos"]
    assert [(each["name"], each["available"], each["defaultRecordTypeMapping"]) for each in infos] == [
        ("Business", True, True), ("Private", True, False), ("Partner", False, False), ("Master", True, False),
    ]  # fmt: skip
    field = described(api)["RecordTypeId"]
    assert field["type"] == "reference" and field["referenceTo"] == ["RecordType"]
    assert field["createable"] and field["updateable"] and field["defaultedOnCreate"]
    business, private, partner, master_type = (each["recordTypeId"] for each in infos)
    assert api.read(api.create())["RecordTypeId"] == business
    assert api.read(api.create(RecordTypeId=private[:15]))["RecordTypeId"] == private
    for wrong in (partner, master_type, "012000000000099AAA"):
        problem = row_error(api.upsert(lead("a", RecordTypeId=wrong))[0])
        assert problem["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
        assert problem["message"].startswith("Record Type ID: this ID value isn't valid for the")
        assert problem["fields"] == ["RecordTypeId"]


def test_with_person_accounts_a_lead_needs_no_company(org, api):
    nobody = {"LastName": "Lovelace", "Email": "ada@example.org"}
    assert api.post("/sobjects/Lead", nobody).json()[0]["fields"] == ["Company"]
    org.shape("person_accounts")
    assert described(api)["Company"]["nillable"]
    created = api.post("/sobjects/Lead", nobody)
    assert created.status_code == 201
    account = org.convert(created.json()["id"])["ConvertedAccountId"]
    found = api.get(f"/sobjects/Account/{account}").json()
    assert found["IsPersonAccount"] and found["PersonEmail"] == "ada@example.org"
    company = org.convert(api.create())["ConvertedAccountId"]
    assert api.get(f"/sobjects/Account/{company}").json()["IsPersonAccount"] is False


def test_several_currencies(org, api):
    org.shape("multi_currency")
    field = described(api)["CurrencyIsoCode"]
    assert field["restrictedPicklist"] and field["length"] == 3
    assert [entry["value"] for entry in field["picklistValues"]] == ["CHF", "EUR", "GBP"]
    assert api.read(api.create())["CurrencyIsoCode"] == "EUR"
    assert api.read(api.create(CurrencyIsoCode="GBP"))["CurrencyIsoCode"] == "GBP"
    problem = row_error(api.upsert(lead("a", CurrencyIsoCode="USD"))[0])
    assert problem["message"] == "Lead Currency: bad value for restricted picklist field: USD"


# State and Country picklists


@pytest.fixture
def addresses(org, api):
    org.shape("state_country")
    return api


def test_the_state_depends_on_the_country_in_describe(addresses):
    fields = described(addresses)
    state, country = fields["StateCode"], fields["CountryCode"]
    assert state["dependentPicklist"] and state["controllerName"] == "CountryCode"
    assert state["restrictedPicklist"] and country["restrictedPicklist"]
    assert fields["State"]["type"] == "string" and fields["State"]["updateable"]
    codes = [entry["value"] for entry in country["picklistValues"]]
    washingtons = [entry for entry in state["picklistValues"] if entry["value"] == "WA"]
    where = {entry["label"]: [codes[n] for n in bits(entry)] for entry in washingtons}
    assert where == {"Washington": ["US"], "Western Australia": ["AU"]}


def shown(api, lead_id):
    read = api.read(lead_id)
    return tuple(read[name] for name in ("CountryCode", "Country", "StateCode", "State"))


def test_codes_and_names_follow_each_other(addresses):
    by_code = addresses.create(CountryCode="us", StateCode="WA")
    by_name = addresses.create(Country="united states", State="Washington")
    whole = ("US", "United States", "WA", "Washington")
    assert shown(addresses, by_code) == shown(addresses, by_name) == whole
    assert addresses.read(by_code)["Address"]["stateCode"] == "WA"
    addresses.patch(f"/sobjects/Lead/{by_code}", {"StateCode": "OR"})
    assert shown(addresses, by_code)[2:] == ("OR", "Oregon")
    addresses.patch(f"/sobjects/Lead/{by_code}", {"State": None})
    assert shown(addresses, by_code) == ("US", "United States", None, None)
    addresses.patch(f"/sobjects/Lead/{by_name}", {"CountryCode": None})
    assert shown(addresses, by_name) == (None, None, None, None)


UNLISTED = (
    "There's a problem with this {0}, even though it may appear correct. Please select a {0} "
)
NO_COUNTRY = "A country/territory must be specified before specifying a state value for field: "
NOT_THERE = "The existing country/territory doesn't recognize the state value for field: "


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"Country": "DE"}, "Country", UNLISTED.format("country")),
        ({"Country": "Atlantis"}, "Country", UNLISTED.format("country")),
        ({"CountryCode": "US", "State": "WA"}, "State", UNLISTED.format("state")),
        ({"Country": "Germany", "State": "Bavaria"}, "State", UNLISTED.format("state")),
        ({"State": "Washington"}, "State", f"{NO_COUNTRY}State/Province"),
        ({"StateCode": "WA"}, "StateCode", f"{NO_COUNTRY}State/Province Code"),
        ({"CountryCode": "DE", "StateCode": "WA"}, "StateCode", NOT_THERE + "State/Province Code"),
    ],
)
def test_combinations_that_are_none_are_refused(addresses, org, values, field, message):
    problem = row_error(addresses.upsert(lead("a", **values))[0])
    assert problem["statusCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert problem["message"].startswith(message) and problem["fields"] == [field]
    assert org.count_leads() == 0


def test_an_unknown_code_is_no_value_of_the_picklist(addresses):
    for values in ({"CountryCode": "XX"}, {"CountryCode": "US", "StateCode": "XX"}):
        problem = row_error(addresses.upsert(lead("a", **values))[0])
        assert problem["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_code_and_name_that_differ(addresses):
    """On create the code prevails; on update both are refused."""
    lead_id = addresses.create(CountryCode="DE", Country="France")
    assert shown(addresses, lead_id)[:2] == ("DE", "Germany")
    wrong = {"CountryCode": "FR", "Country": "Germany"}
    refused = addresses.patch(f"/sobjects/Lead/{lead_id}", wrong)
    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    right = {"CountryCode": "FR", "Country": "France"}
    assert addresses.patch(f"/sobjects/Lead/{lead_id}", right).status_code == 204


def test_a_country_that_has_not_the_old_state_is_refused(addresses, org):
    lead_id = addresses.create(CountryCode="US", StateCode="TX")
    refused = addresses.patch(f"/sobjects/Lead/{lead_id}", {"Country": "Germany"})
    assert refused.json()[0]["message"].startswith(NOT_THERE)
    with pytest.raises(PracticeOrgError, match="FIELD_INTEGRITY_EXCEPTION"):
        org.change(lead_id, CountryCode="DE")
    assert org.change(lead_id, CountryCode="DE", StateCode=None)["Country"] == "Germany"


def test_texts_from_before_stay_until_somebody_writes_them(org, api):
    lead_id = api.create(Country="Deutschland", State="Bayern")
    org.shape("state_country")
    assert api.patch(f"/sobjects/Lead/{lead_id}", {"Title": "Dr"}).status_code == 204
    assert api.patch(f"/sobjects/Lead/{lead_id}", {"City": "Hof"}).status_code == 204
    assert shown(api, lead_id) == (None, "Deutschland", None, "Bayern")
    assert api.patch(f"/sobjects/Lead/{lead_id}", {"Country": "Deutschland"}).status_code == 400


# Switching shapes


def test_shapes_are_combined_exchanged_and_taken_off(org, api):
    plain = described(api)
    org.shape("multi_currency", "large", "state_country", "record_types", "person_accounts")
    everything = described(api)
    assert len(everything) == 800
    assert {"StateCode", "CurrencyIsoCode", "RecordTypeId", "Branch__c"} <= set(everything)
    api.create(CurrencyIsoCode="GBP")
    org.shape("state_country")
    fields = described(api)
    assert "CurrencyIsoCode" not in fields and "StateCode" in fields
    assert "CurrencyIsoCode" not in org.leads()[0]
    assert org.shape() == [] and described(api) == plain
    with pytest.raises(PracticeOrgError, match="UNKNOWN_SHAPE"):
        org.shape("round")
    org.shape("large")
    org.reset()
    assert described(Api(org)) == plain


def test_a_shape_from_the_command_line_is_kept(tmp_path):
    kept = str(tmp_path / "org.sqlite3")
    with PracticeOrg.start(state=kept, shape=["state_country"]) as org:
        org.add_field("Lead", name="Extra__c", type="string")
    with PracticeOrg.start(state=kept) as org:
        fields = described(Api(org))
        assert "Extra__c" in fields and fields["StateCode"]["controllerName"] == "CountryCode"
        assert bits(fields["StateCode"]["picklistValues"][0])
        [good, bad] = Api(org).upsert(lead("a", Country="Italy"), lead("b", Country="Italia"))
        assert good["success"] and not bad["success"]
    with PracticeOrg.start(state=kept, shape=["multi_currency"]) as org:
        fields = described(Api(org))
        assert "CurrencyIsoCode" in fields and "StateCode" not in fields
        org.reset()
        assert org.options()["shape"] == ["multi_currency"]
        assert "CurrencyIsoCode" in described(Api(org))


def test_an_unknown_shape_is_refused_at_the_start():
    command = [sys.executable, "-m", "wagtail_salesforce.practice_org", "--shape", "round"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2 and "invalid choice: 'round'" in done.stderr


# A describe that goes wrong


def test_a_describe_of_half_its_json(org, api):
    org.fault("half_json", path="/describe", count=1)
    response = api.get("/sobjects/Lead/describe")
    assert response.status_code == 200 and response.headers["Content-Type"].startswith("app")
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert len(described(api)) > 50


def test_a_describe_cut_in_the_middle(org, api):
    org.fault("truncate", path="/describe", count=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.get("/sobjects/Lead/describe")


def test_a_describe_that_lacks_a_field(org, api):
    org.fault("missing_fields", path="/describe", fields=[KEY], count=1)
    assert KEY not in described(api)
    assert org.calls()[-1]["fault"] == "missing_fields"
    assert KEY in described(api)
    org.fault("missing_fields", path="/limits", fields=[KEY], count=1)
    assert "DailyApiRequests" in api.get("/limits").json()
