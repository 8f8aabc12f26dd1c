"""SOQL: what it finds, in what order and pages, and how it refuses."""

import pytest

from tests.practice_org.api import error, lead


LEADS = (
    lead("k1", LastName="Adams", FirstName="Zoe", Email="a@x.example", NumberOfEmployees=5),
    lead("k2", LastName="brown", Newsletter__c=True, AnnualRevenue=1000, Renewal_Date__c="2024-05-01"),
    lead("k3", LastName="Clark", Exact_Key__c="Abc", Last_Visit__c="2024-01-01T12:00:00Z"),
    lead("k4", LastName="100% O'Neil", Title="A_B"),
)  # fmt: skip


@pytest.fixture
def full(api):
    rows = api.upsert(*LEADS)
    assert all(row["success"] for row in rows)
    return api


def names(api, where="", resource="query"):
    response = api.query(f"SELECT LastName FROM Lead {where}", resource)
    assert response.status_code == 200, response.text
    return [each["LastName"] for each in response.json()["records"]]


def test_the_form_of_the_answer(full):
    body = full.query("SELECT Id, LastName, Email FROM Lead WHERE LastName = 'Adams'").json()
    [found] = body["records"]
    assert (body["totalSize"], body["done"]) == (1, True) and "nextRecordsUrl" not in body
    assert list(found) == ["attributes", "Id", "LastName", "Email"]
    assert found["attributes"] == {
        "type": "Lead",
        "url": f"/services/data/v66.0/sobjects/Lead/{found['Id']}",
    }


def test_the_organization_is_asked_for_its_name(org, api):
    soql = (
        "SELECT Id, Name, IsSandbox, OrganizationType, InstanceName, NamespacePrefix,"
        " TrialExpirationDate FROM Organization"
    )
    [found] = api.query(soql).json()["records"]
    assert found["Id"] == org.options()["org_id"]
    assert (found["Name"], found["IsSandbox"]) == ("Practice Org Ltd", False)
    assert found["NamespacePrefix"] is None and found["TrialExpirationDate"] is None
    org.options(sandbox=True, org_name="Copy Ltd")
    [found] = api.query(soql).json()["records"]
    assert (found["Name"], found["IsSandbox"]) == ("Copy Ltd", True)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("WHERE LastName = 'BROWN'", ["brown"]),
        ("where lastname != 'Adams' and lastname <> 'Clark'", ["brown", "100% O'Neil"]),
        ("WHERE Exact_Key__c = 'abc'", []),
        ("WHERE Exact_Key__c = 'Abc'", ["Clark"]),
        ("WHERE Email = null", ["brown", "Clark", "100% O'Neil"]),
        ("WHERE Email != null", ["Adams"]),
        ("WHERE Email != 'a@x.example'", ["brown", "Clark", "100% O'Neil"]),
        ("WHERE Newsletter__c = true", ["brown"]),
        ("WHERE AnnualRevenue >= 1000", ["brown"]),
        ("WHERE AnnualRevenue < 1000.5 AND AnnualRevenue > 999", ["brown"]),
        ("WHERE NumberOfEmployees <= 5", ["Adams"]),
        ("WHERE LastName < 'b' AND LastName > 'a'", ["Adams"]),
        ("WHERE LastName LIKE 'C%'", ["Clark"]),
        ("WHERE LastName LIKE '%\\%%'", ["100% O'Neil"]),
        ("WHERE Title LIKE 'A\\_B'", ["100% O'Neil"]),
        ("WHERE LastName LIKE '_DAMS'", ["Adams"]),
        ("WHERE LastName = '100% O\\'Neil'", ["100% O'Neil"]),
        ("WHERE LastName IN ('Adams', 'Clark', 'Nobody')", ["Adams", "Clark"]),
        ("WHERE LastName NOT IN ('Adams', 'Clark')", ["brown", "100% O'Neil"]),
        ("WHERE NOT LastName = 'Adams' ", ["brown", "Clark", "100% O'Neil"]),
        ("WHERE (LastName = 'Adams' OR LastName = 'Clark') AND Email = null", ["Clark"]),
        ("WHERE Renewal_Date__c = 2024-05-01", ["brown"]),
        ("WHERE Renewal_Date__c > 2024-05-01", []),
        ("WHERE Last_Visit__c < 2024-01-01T12:30:00+01:00", []),
        ("WHERE Last_Visit__c <= 2024-01-01T13:00:00+01:00", ["Clark"]),
        ("WHERE CreatedDate = TODAY AND LastName = 'Clark'", ["Clark"]),
        ("WHERE CreatedDate = LAST_N_DAYS:3 LIMIT 1", ["Adams"]),
        ("WHERE CreatedDate < TODAY", []),
        ("WHERE Renewal_Date__c != TODAY AND LastName = 'brown'", ["brown"]),
        ("WHERE Owner.Name = 'integration user' LIMIT 1", ["Adams"]),
        ("WHERE CreatedBy.IsActive = false", []),
        ("WHERE Lead.LastName = 'Adams'", ["Adams"]),
        ("WHERE Campaign__r.Name = 'Spring Fair'", []),
        ("ORDER BY LastName", ["100% O'Neil", "Adams", "brown", "Clark"]),
        ("ORDER BY LastName DESC LIMIT 2", ["Clark", "brown"]),
        ("ORDER BY LastName ASC LIMIT 2 OFFSET 1", ["Adams", "brown"]),
        ("ORDER BY Email NULLS LAST, LastName DESC", ["Adams", "Clark", "brown", "100% O'Neil"]),
        ("ORDER BY Email DESC NULLS FIRST, LastName", ["100% O'Neil", "brown", "Clark", "Adams"]),
        ("LIMIT 0", []),
    ],
)  # fmt: skip
def test_what_is_found(full, where, expected):
    assert names(full, where) == expected


def test_ids_are_compared_in_both_lengths(full):
    lead_id = full.query("SELECT Id FROM Lead LIMIT 1").json()["records"][0]["Id"]
    assert names(full, f"WHERE Id = '{lead_id[:15]}'") == ["Adams"]
    assert names(full, f"WHERE Id IN ('{lead_id}')") == ["Adams"]


def test_counting(full):
    body = full.query("SELECT COUNT() FROM Lead WHERE Email = null").json()
    assert body == {"totalSize": 3, "done": True, "records": []}


def test_parents_are_nested(full):
    soql = "SELECT LastName, Owner.Name, Owner.IsActive, Campaign__r.Name FROM Lead LIMIT 1"
    [found] = full.query(soql).json()["records"]
    assert list(found) == ["attributes", "LastName", "Owner", "Campaign__r"]
    assert found["Owner"]["attributes"]["type"] == "User"
    assert (found["Owner"]["Name"], found["Owner"]["IsActive"]) == ("Integration User", True)
    assert found["Campaign__r"] is None


def test_deleted_leads_are_found_only_by_query_all(org, full):
    org.delete(org.leads()[0]["Id"])
    assert len(names(full)) == 3
    assert len(names(full, resource="queryAll")) == 4
    assert names(full, "WHERE IsDeleted = true", "queryAll") == ["Adams"]
    assert names(full, "WHERE IsDeleted = true") == []


def test_merged_leads_name_their_master(org, full):
    first, second = (each["Id"] for each in org.leads()[:2])
    org.merge(second, into=first)
    soql = f"SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE Id = '{second}'"
    [found] = full.query(soql, "queryAll").json()["records"]
    assert (found["IsDeleted"], found["MasterRecordId"]) == (True, first)


def test_pages(org, api):
    api.upsert(*(lead(f"k{number}") for number in range(200)))
    api.upsert(*(lead(f"m{number}") for number in range(50)))
    first = api.query("SELECT Id FROM Lead", headers={"Sforce-Query-Options": "batchSize=10"})
    body = first.json()
    assert (body["totalSize"], body["done"], len(body["records"])) == (250, False, 200)
    address = body["nextRecordsUrl"]
    assert address.startswith("/services/data/v66.0/query/01g") and address.endswith("-200")
    last = api.http.get(org.url + address).json()
    assert (last["done"], len(last["records"])) == (True, 50) and "nextRecordsUrl" not in last
    ids = {each["Id"] for each in body["records"] + last["records"]}
    assert len(ids) == 250
    assert len(api.query("SELECT Id FROM Lead").json()["records"]) == 250
    org.options(api_page_size=100)
    assert api.query("SELECT Id FROM Lead").json()["nextRecordsUrl"].endswith("-100")


def test_a_cursor_lives_two_days(org, full):
    org.options(api_page_size=2)
    address = full.query("SELECT Id FROM Lead").json()["nextRecordsUrl"]
    org.advance(2 * 86400)
    full.http.headers["Authorization"] = f"Bearer {org.client_credentials_token()['access_token']}"
    for path in (org.url + address, f"{org.url}/services/data/v66.0/query/nonsense-1"):
        response = full.http.get(path)
        assert response.status_code == 400
        assert error(response) == {
            "message": "invalid query locator",
            "errorCode": "INVALID_QUERY_LOCATOR",
        }


@pytest.mark.parametrize(
    ("soql", "code", "end"),
    [
        ("", "MALFORMED_QUERY", "A query string has to be specified"),
        ("SELECT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT FROM Lead", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id, FROM Lead", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Name", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Name = Adams'", "MALFORMED_QUERY", "unexpected token: '''"),
        ("SELECT Id FROM Lead GROUP BY Id", "MALFORMED_QUERY", "unexpected token: 'GROUP'"),
        ("SELECT COUNT(Id) FROM Lead", "MALFORMED_QUERY", "unexpected token: '('"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Id FROM Lead LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id FROM Lead LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Lead WHERE Id = FROM", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Lead WHERE (Id = null", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Email = null AND City = null OR Phone = null", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM Lead WHERE CreatedDate = SOMEDAY", "MALFORMED_QUERY", "unexpected token: 'SOMEDAY'"),
        ("SELECT Id FROM Lead WHERE CreatedDate = TODAY:3", "MALFORMED_QUERY", "unexpected token: 'TODAY:3'"),
        ("SELECT Id FROM Lead; DROP TABLE Lead", "MALFORMED_QUERY", "unexpected token: ';'"),
        ("DELETE FROM Lead", "MALFORMED_QUERY", "unexpected token: 'DELETE'"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees = '5'", "INVALID_FIELD", "must be of type number and should not be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE LastName = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE LastName = true", "INVALID_FIELD", ""),
        ("SELECT Id FROM Lead WHERE Renewal_Date__c = 2024-01-01T00:00:00Z", "INVALID_FIELD", ""),
        ("SELECT Id FROM Lead WHERE Renewal_Date__c = 2024-13-01", "MALFORMED_QUERY", ""),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "field 'Description' can not be sorted in a query call"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees LIKE 5", "INVALID_QUERY_FILTER_OPERATOR", ""),
        ("SELECT Id, Id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Boss.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ],
)  # fmt: skip
def test_what_is_refused(api, soql, code, end):
    response = api.query(soql)
    assert response.status_code == 400
    problem = error(response)
    assert problem["errorCode"] == code and problem["message"].endswith(end)
    assert set(problem) == {"message", "errorCode"}


def test_an_unknown_object_is_pointed_at(api):
    problem = error(api.query("SELECT Id,Name,BillingCity,IsDeleted FROM Accout"))
    assert problem["errorCode"] == "INVALID_TYPE"
    quoted, caret, place, text = problem["message"].lstrip("\n").split("\n")
    assert quoted[caret.index("^") :] == "Accout"
    assert place == "ERROR at Row:1:Column:43"
    assert text.startswith("sObject type 'Accout' is not supported. If you are attempting to use")


def test_an_unknown_column_reads_otherwise_than_in_a_write(api):
    problem = error(api.query("SELECT Id,\nNope FROM Lead"))
    assert "No such column 'Nope' on entity 'Lead'" in problem["message"]
    assert "ERROR at Row:2:Column:1" in problem["message"]


def test_a_statement_too_long(api):
    # Only inside a Composite can it be that long: a URI ends at 16,384 bytes.
    soql = "SELECT Id FROM Lead WHERE LastName = '" + "x" * 100_000 + "'"
    part = {"method": "GET", "url": f"{api.root}/query?q={soql}", "referenceId": "q"}
    [answer] = api.post("/composite", {"compositeRequest": [part]}).json()["compositeResponse"]
    assert answer["httpStatusCode"] == 400
    assert answer["body"][0]["errorCode"] == "MALFORMED_QUERY"
