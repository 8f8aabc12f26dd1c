"""`salesforce_query`: records on stdout, for people and for scripts."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.core.management import CommandError, call_command

from tests.ready import ready
from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import REASONS


pytestmark = pytest.mark.django_db(transaction=True)

KEY = "Web_Contact_ID__c"


def call(query, *arguments):
    """(exit code, lines on stdout, what it complained of)"""
    out = StringIO()
    try:
        call_command("salesforce_query", query, *arguments, stdout=out)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue().splitlines(), str(refusal)
    return 0, out.getvalue().splitlines(), ""


@pytest.fixture
def leads(org):
    """Five leads, found in pages of two."""
    ready(org)
    from wagtail_salesforce.client import get_client

    people = [
        {KEY: f"a{n}", "LastName": f"Ő, {n}", "Company": "Acme", "Title": "Dr" if n else ""}
        for n in range(5)
    ]
    with get_client() as client:
        client.upsert("Lead", KEY, people)
    org.options(api_page_size=2)
    return org


def test_a_record_a_line_over_all_pages(leads):
    leads.clear_calls()
    code, lines, _ = call("SELECT LastName, Title, Owner.Name FROM Lead ORDER BY LastName")
    assert code == 0
    found = [json.loads(line) for line in lines]
    assert [record["LastName"] for record in found] == [f"Ő, {n}" for n in range(5)]
    assert found[0]["Title"] is None
    assert list(found[0]) == ["LastName", "Title", "Owner.Name"]
    assert len(leads.calls(counted=True)) == 3


def test_a_count_is_a_number(leads):
    assert call("SELECT count( ) FROM Lead WHERE LastName > 'Ő, 2'") == (0, ["2"], "")


def test_as_csv(leads):
    code, lines, _ = call("SELECT LastName, Title FROM Lead ORDER BY LastName", "--csv")
    rows = list(csv.DictReader(lines))
    assert code == 0
    assert rows[0] == {"LastName": "Ő, 0", "Title": ""}
    assert len(rows) == 5


def test_a_parent_that_is_missing_first_keeps_its_columns(leads):
    first, second = [lead["Id"] for lead in leads.leads()[:2]]
    leads.convert(second)
    query = f"SELECT LastName, ConvertedContact.Name, Status FROM Lead WHERE Id IN ('{first}', '{second}') ORDER BY LastName"
    code, lines, _ = call(query, "--csv")
    rows = list(csv.DictReader(lines))
    assert code == 0
    assert list(rows[0]) == ["LastName", "ConvertedContact.Name", "Status"]
    assert [bool(row["ConvertedContact.Name"]) for row in rows] == [False, True]


def test_the_last_line_is_the_document(leads):
    code, lines, _ = call("SELECT Id FROM Lead LIMIT 2", "--json")
    assert code == 0
    assert len(lines) == 3
    assert json.loads(lines[-1]) == {"state": "finished", "reason": None, "records": 2}


def test_deleted_records_on_request(leads):
    leads.delete(leads.leads()[0]["Id"])
    assert len(call("SELECT Id FROM Lead")[1]) == 4
    assert len(call("SELECT Id FROM Lead", "--all")[1]) == 5


def test_nothing_found_prints_nothing(leads):
    assert call("SELECT Id FROM Lead WHERE LastName = 'Nobody'", "--csv") == (0, [], "")


def test_a_query_that_is_wrong_is_told_with_the_place(leads):
    code, lines, words = call("SELECT Id FROM Lead WHERE LastName LIKES 'x'")
    assert (code, lines) == (2, [])
    assert words.startswith("Salesforce refused the query at line 1, column ")


GONE = {"status": 400, "code": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}


@pytest.mark.parametrize("options", [["--json"], ["--json", "--csv"]])
def test_a_query_that_ends_before_its_last_page_was_not_wrong(leads, options):
    leads.fault("request_error", path="/query/", skip=1, **GONE)
    code, lines, words = call("SELECT Id FROM Lead", *options)
    assert code == 1
    assert json.loads(lines[-1]) == {"state": "stopped", "reason": "INVALID_QUERY_LOCATOR"}
    assert len(lines) == 4 + len(options)
    assert "Ask it again" in words


def test_another_refusal_of_a_later_page_is_no_wrong_argument_either(leads):
    leads.fault("request_error", status=400, code="INVALID_FIELD", message="x", path="/query/")
    code, lines, _ = call("SELECT Id FROM Lead", "--json")
    assert (code, len(lines)) == (1, 3)
    assert json.loads(lines[-1]) == {"state": "stopped", "reason": "INVALID_FIELD"}


def test_children_that_are_gone_with_the_first_record(leads):
    more = "/services/data/v66.0/query/01g"
    children = {"done": False, "nextRecordsUrl": more, "records": [{"Id": "1"}]}
    page = Reply({"totalSize": 1, "done": True, "records": [{"Name": "A", "Contacts": children}]})
    gone = Reply([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid"}], 400)
    with scripted(page, gone) as server:
        Connection.objects.update(instance_url=server.url)
        code, lines, _ = call("SELECT Name, (SELECT Id FROM Contacts) FROM Account", "--json")
    assert code == 1
    assert [json.loads(line)["reason"] for line in lines] == ["INVALID_QUERY_LOCATOR"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_knows_few_letters(leads, encoding):
    """`LC_ALL=C`, or a file that Windows opens."""
    soql = "SELECT LastName FROM Lead ORDER BY LastName LIMIT 1"
    out = TextIOWrapper(BytesIO(), encoding)
    call_command("salesforce_query", soql, stdout=out)
    out.flush()
    assert json.loads(out.buffer.getvalue().decode("ascii")) == {"LastName": "Ő, 0"}
    out = TextIOWrapper(BytesIO(), encoding)
    call_command("salesforce_query", soql, "--csv", stdout=out)
    out.flush()
    assert out.buffer.getvalue().decode("utf-8").splitlines() == ["LastName", '"Ő, 0"']


def test_the_reserve_is_kept(leads):
    leads.set_allowance(max=100, used=90)
    # The first answer tells how much is used; no further call is made.
    code, lines, words = call("SELECT Id FROM Lead")
    assert code == 1
    assert words.startswith(str(REASONS["api_reserve"].text))
    assert len(lines) == 2


def test_without_an_organization(db):
    Connection.objects.all().delete()
    code, lines, words = call("SELECT Id FROM Lead")
    assert (code, lines) == (1, [])
    assert words.startswith(str(REASONS["not_authorized"].text))
