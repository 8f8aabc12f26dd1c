"""What becomes of each kind of value: kept, refused in its row, or spoiling the whole call."""

import pytest

from tests.practice_org.api import error, lead, row_error


def refused(api, **fields):
    [row] = api.upsert(lead("k", **fields))
    problem = row_error(row)
    assert set(problem) == {"statusCode", "message", "fields"}
    return problem["statusCode"], problem["message"], problem["fields"]


def kept(api, name, value):
    [row] = api.upsert(lead("k", **{name: value}))
    assert row["success"], row
    return api.read(row["id"])[name]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FirstName", "Jo", "Jo"),
        ("FirstName", " Jo ", " Jo "),
        ("FirstName", "", None),
        ("FirstName", "   ", None),
        ("FirstName", None, None),
        ("Story__c", "x" * 32768, "x" * 32768),
        ("Email", "o'neill+x@mail.example.com", "o'neill+x@mail.example.com"),
        ("Phone", "call me maybe", "call me maybe"),
        ("Website", "not a url", "not a url"),
        ("Licences__c", 3000, 3000.0),
        ("Licences__c", None, None),
        ("Campaign__c", "", None),
        ("Licences__c", 12.3456789, 12.3456789),
        ("AnnualRevenue", 1e17, 1e17),
        ("NumberOfEmployees", 99_999_999, 99_999_999),
        ("Discount__c", -999.99, -999.99),
        ("Newsletter__c", True, True),
        ("Renewal_Date__c", "2024-02-29", "2024-02-29"),
        ("Renewal_Date__c", None, None),
        ("Last_Visit__c", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000+0000"),
        ("Last_Visit__c", "2024-01-01T01:30:00.123+01:30", "2024-01-01T00:00:00.000+0000"),
        ("Tier__c", "silver", "Silver"),
        ("Channel__c", "SHOP", "Shop"),
        ("Channel__c", "Something new", "Something new"),
        ("Products__c", "Server; cloud;", "Server;Cloud"),
        ("Topics__c", "News;Gossip", "News;Gossip"),
        ("Topics__c", ";", None),
        ("Campaign__c", "701Pr0000000001", "701Pr0000000001IAA"),
    ],
)
def test_values_that_are_kept(api, name, value, expected):
    assert kept(api, name, value) == expected


def test_a_text_too_long_is_refused_with_the_label_and_the_value(api):
    value = "x" * 256
    assert refused(api, Company=value) == (
        "STRING_TOO_LONG",
        f"Company: data value too large: {value} (max length=255)",
        ["Company"],
    )
    assert refused(api, MobilePhone="1" * 41)[1].startswith("Mobile Phone: data value too large")
    assert refused(api, Secret_Note__c="s" * 101)[0] == "STRING_TOO_LONG"
    assert refused(api, Topics__c="t" * 4100)[0] == "STRING_TOO_LONG"


def test_an_emoji_counts_as_two(api):
    assert kept(api, "FirstName", "😀" * 20) == "😀" * 20
    assert refused(api, FirstName="😀" * 21)[0] == "STRING_TOO_LONG"
    assert kept(api, "FirstName", "é" * 40) == "é" * 40


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Discount__c", 1000, "Discount: value outside of valid range on numeric field: 1000"),
        ("NumberOfEmployees", 123456789, "Employees: value outside of valid range on numeric field: 123456789"),
        ("Licences__c", -1e8, "Licences: value outside of valid range on numeric field: -100000000"),
        ("Score__c", 12345.5, "Score: value outside of valid range on numeric field: 12345.5"),
    ],
)  # fmt: skip
def test_a_number_with_too_many_digits(api, name, value, shown):
    expected = ("NUMBER_OUTSIDE_VALID_RANGE", shown, [name])
    assert refused(api, **{name: value}) == expected


@pytest.mark.parametrize(
    "address", ["Not a real email address", "a@b", "a@b@c.example", ".a@b.example", "a@-b.example"]
)
def test_an_invalid_email_address(api, address):
    expected = ("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {address}", ["Email"])
    assert refused(api, Email=address) == expected


def test_restricted_picklists(api):
    code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    text = "bad value for restricted picklist field:"
    assert refused(api, Tier__c="Gold") == (code, f"Tier: {text} Gold", ["Tier__c"])
    assert refused(api, Tier__c="Iron") == (code, f"Tier: {text} Iron", ["Tier__c"])
    assert refused(api, Products__c="Server;Abacus") == (
        code,
        f"Products: {text} Abacus",
        ["Products__c"],
    )


def test_an_unrestricted_picklist_takes_255_characters(api):
    assert kept(api, "Channel__c", "x" * 255) == "x" * 255
    assert refused(api, Channel__c="x" * 256)[0] == "STRING_TOO_LONG"


def test_more_than_a_hundred_choices(api):
    choices = ";".join(str(number) for number in range(101))
    assert refused(api, Topics__c=choices)[0] == "TOO_MANY_ENUM_VALUE"
    assert kept(api, "Topics__c", choices.rpartition(";")[0]).count(";") == 99


def test_references(org, api):
    code, text, fields = refused(api, OwnerId="somebody")
    assert (code, fields) == ("MALFORMED_ID", ["OwnerId"])
    assert text == "Owner ID: id value of incorrect type: somebody"
    assert refused(api, Campaign__c="005Pr0000000001")[0] == "MALFORMED_ID"
    assert refused(api, Campaign__c="701000000000099") == (
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        ["Campaign__c"],
    )
    assert refused(api, IndividualId="0PK000000000001")[0] == "MALFORMED_ID"
    assert refused(api, OwnerId="005Pr0000000003")[0] == "INACTIVE_OWNER_OR_USER"
    assert kept(api, "OwnerId", "00GPr0000000001") == "00GPr0000000001MAA"


def test_fields_that_may_not_be_written(api):
    code, text, fields = refused(api, MasterRecordId=None, Name="x")
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE" and fields == ["MasterRecordId", "Name"]
    assert text == (
        "Unable to create/update fields: MasterRecordId, Name. Please check the security"
        " settings of this field and verify that it is read/write for your profile or"
        " permission set."
    )
    for name in ("Address", "Lead_Number__c", "Score_Band__c", "CreatedDate"):
        assert refused(api, **{name: None})[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_some_fields_are_written_only_once_or_only_later(api):
    assert refused(api, EmailBouncedReason="full")[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    api.upsert(lead("k"))
    assert kept(api, "EmailBouncedReason", "full") == "full"
    assert refused(api, IsConverted=True)[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_required_fields(api):
    row = {"attributes": {"type": "Lead"}, "Web_Contact_ID__c": "k", "LastName": " "}
    [result] = api.upsert(row)
    assert row_error(result) == {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [LastName, Company]",
        "fields": ["LastName", "Company"],
    }
    api.upsert(lead("k"))
    assert refused(api, LastName=None)[2] == ["LastName"]
    assert refused(api, Status=None)[2] == ["Status"]


def test_a_default_stands_in_on_create(api):
    assert kept(api, "Status", None) == "Open - Not Contacted"


def test_several_bad_values_are_told_together(api):
    [row] = api.upsert(lead("k", Email="x", FirstName="y" * 41))
    codes = {problem["statusCode"] for problem in row["errors"]}
    assert codes == {"INVALID_EMAIL_ADDRESS", "STRING_TOO_LONG"}


@pytest.mark.parametrize(
    ("name", "value", "kind", "shown"),
    [
        ("AnnualRevenue", "abc", "double", "VALUE_STRING value abc"),
        ("AnnualRevenue", "12", "double", "VALUE_STRING value 12"),
        ("AnnualRevenue", True, "double", "VALUE_TRUE value true"),
        ("Discount__c", {}, "double", "START_OBJECT value {"),
        ("NumberOfEmployees", 1.5, "int", "VALUE_NUMBER_FLOAT value 1.5"),
        ("Newsletter__c", "true", "boolean", "VALUE_STRING value true"),
        ("Newsletter__c", 1, "boolean", "VALUE_NUMBER_INT value 1"),
        ("Newsletter__c", None, "boolean", "VALUE_NULL value null"),
        ("LastName", 5, "string", "VALUE_NUMBER_INT value 5"),
        ("LastName", False, "string", "VALUE_FALSE value false"),
        ("LastName", ["x"], "string", "START_ARRAY value ["),
        ("Renewal_Date__c", "01/02/2024", "date", "VALUE_STRING value 01/02/2024"),
        ("Renewal_Date__c", "2024-02-30", "date", "VALUE_STRING value 2024-02-30"),
        ("Renewal_Date__c", "2024-02-01T00:00:00Z", "date", "VALUE_STRING value 2024-02-01T00:00:00Z"),
        ("Renewal_Date__c", "", "date", "VALUE_STRING value "),
        ("Renewal_Date__c", 20240201, "date", "VALUE_NUMBER_INT value 20240201"),
        ("Last_Visit__c", "2017-10-17 00:00:00", "datetime", "VALUE_STRING value 2017-10-17 00:00:00"),
        ("Last_Visit__c", "2017-10-17", "datetime", "VALUE_STRING value 2017-10-17"),
        ("Last_Visit__c", "2017-10-17T00:00:00", "datetime", "VALUE_STRING value 2017-10-17T00:00:00"),
    ],
)  # fmt: skip
def test_a_wrong_kind_spoils_the_whole_call(org, api, name, value, kind, shown):
    response = api.upsert_call(lead("good"), lead("bad", **{name: value}))
    assert response.status_code == 400
    problem = error(response)
    assert set(problem) == {"message", "errorCode"}
    assert problem["errorCode"] == "JSON_PARSER_ERROR"
    start = f"Cannot deserialize instance of {kind} from {shown} or request may be missing"
    assert problem["message"].startswith(start + " a required field at [line:1, column:")
    assert org.leads() == []


def test_the_position_is_that_of_the_value(api):
    headers = {"Content-Type": "application/json"}
    body = '{"LastName": "x",\n "AnnualRevenue" : "abc"}'
    response = api.call("POST", "/sobjects/Lead", data=body, headers=headers)
    assert error(response)["message"].endswith("at [line:2, column:20]")


def test_an_unknown_field_spoils_only_its_row(api):
    good, bad = api.upsert(lead("good"), lead("bad", X__c=1))
    assert good["success"]
    assert row_error(bad) == {
        "statusCode": "INVALID_FIELD",
        "message": "No such column 'X__c' on sobject of type Lead",
        "fields": [],
    }


def test_a_unique_value_taken_by_another_lead(api):
    first = api.create(Tax_Number__c="T1")
    assert refused(api, Tax_Number__c="t1") == (
        "DUPLICATE_VALUE",
        f"duplicate value found: Tax_Number__c duplicates value on record with id: {first[:15]}",
        [],
    )


def test_a_validation_rule_speaks_the_administrators_words(org, api):
    rule = {"field": "Company", "value": "Bad Corp", "message": "We do not sell to them."}
    org.options(validation_rules=[rule])
    expected = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "We do not sell to them.", [])
    assert refused(api, Company="Bad Corp") == expected
    org.options(validation_rules=[{**rule, "on_field": True}])
    assert refused(api, Company="Bad Corp")[2] == ["Company"]
