"""Organizations with state and country picklists, person accounts, currencies, record types."""

from __future__ import annotations

import pytest

from tests.admin.mapping_pages import ADD, CHECK, form_of, rows_of, sent
from tests.admin.people import client_of
from tests.connecting import connect


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "view_contact")


def begun(client, org, *shapes):
    """The rows and the data of a new mapping in an organization like this."""
    org.shape(*shapes)
    connect(org)
    form = form_of(client.get(ADD))
    return rows_of(form), sent(form)


def codes(rows, name):
    return [problem.code for problem in rows[name].problems]


def said(client, data, **changes):
    data = data | {f"source-{name}": token for name, token in changes.items()}
    rows = client.post(CHECK, data).json()["rows"]
    return {name: row["text"] for name, row in rows.items()}


def test_with_state_and_country_picklists_the_codes_are_mapped(client, org):
    rows, data = begun(client, org, "state_country")
    assert rows["CountryCode"].token == "field:country" and rows["CountryCode"].usable.restricted
    assert rows["StateCode"].token == "field:state"
    assert rows["Country"].token == rows["State"].token == ""
    assert codes(rows, "StateCode") == []
    tokens = [token for _label, options in rows["CountryCode"].choices for token, _text in options]
    assert "picklist:DE" in tokens and "constant" not in tokens


def test_a_name_beside_its_code_is_warned_of(client, org):
    _rows, data = begun(client, org, "state_country")
    found = said(client, data, Country="custom:country_name")
    assert "Country Code is mapped, too" in found["Country"]
    assert "Country" not in said(client, data, Country="custom:country_name", CountryCode="")


def test_a_state_without_its_country_is_warned_of(client, org):
    _rows, data = begun(client, org, "state_country")
    found = said(client, data, CountryCode="")
    assert "Map the country as well" in found["StateCode"]


def test_without_the_picklists_nothing_of_this_is_said(client, org):
    rows, data = begun(client, org)
    assert "CountryCode" not in rows
    assert "country" not in said(client, data, Country="").get("State", "")


def test_an_amount_without_its_currency_is_warned_of(client, org):
    _rows, data = begun(client, org, "multi_currency")
    data |= {"source-AnnualRevenue": "constant", "constant-AnnualRevenue": "5"}
    assert "several currencies" in said(client, data)["AnnualRevenue"]
    found = said(client, data, CurrencyIsoCode="picklist:EUR")
    assert "AnnualRevenue" not in found and "CurrencyIsoCode" not in found


def test_a_company_that_is_never_empty_makes_no_person_accounts(client, org):
    rows, data = begun(client, org, "person_accounts")
    assert codes(rows, "Company") == ["company_always_set"] and not rows["Company"].required
    assert "Company" not in said(client, data, Company="field:company_name")


def test_a_record_type_is_given_by_its_id(client, org):
    rows, data = begun(client, org, "record_types")
    assert "012 (RecordType)" in rows["RecordTypeId"].type_words
    data["source-RecordTypeId"] = "constant"
    found = said(client, data | {"constant-RecordTypeId": "701000000000001"})
    assert "012 (RecordType)" in found["RecordTypeId"]
    assert "RecordTypeId" not in said(client, data | {"constant-RecordTypeId": "012000000000001"})


def test_what_is_not_writeable_is_not_offered(client, org):
    rows, _data = begun(client, org, "large", "state_country", "person_accounts")
    assert all(row.usable for row in rows.values())
    for name in ("Id", "Name", "Address", "CreatedDate", "IsConverted", "Web_Contact_ID__c"):
        assert name not in rows
