"""`salesforce_query --csv`: which queries tell their columns, and rows that are not waited for."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.commands.test_query import KEY, call
from tests.ready import ready
from wagtail_salesforce.client import get_client
from wagtail_salesforce.management.commands import salesforce_query
from wagtail_salesforce.management.query_csv import columns_of, write_csv


@pytest.mark.parametrize(
    ("soql", "columns"),
    [
        ("SELECT Id FROM Lead", {"Id": ("id",)}),
        ("select id,\n LASTNAME from Lead where X = 1", {"id": ("id",), "LASTNAME": ("lastname",)}),
        (
            "SELECT Owner.Profile.Name FROM Lead",
            {"Owner.Profile.Name": ("owner", "profile", "name")},
        ),
        ("SELECT Lead.Id, l.Name FROM Lead l", {"Lead.Id": ("id",), "l.Name": ("name",)}),
        ("SELECT x.Owner.Name FROM Lead AS x LIMIT 1", {"x.Owner.Name": ("owner", "name")}),
        ("SELECT COUNT() FROM Lead", None),
        ("SELECT COUNT(Id) n FROM Lead", None),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", None),
        ("SELECT FIELDS(ALL) FROM Lead LIMIT 9", None),
        ("SELECT toLabel(Status) FROM Lead", None),
        ("SELECT Status s FROM Lead", None),
        ("SELECT Status FROM Lead GROUP BY Status", None),
        ("SELECT Id,, Name FROM Lead", None),
        ("DELETE FROM Lead", None),
        ("", None),
    ],
)
def test_the_columns_of_a_query(soql, columns):
    assert columns_of(soql) == columns


def rows(soql, records):
    out = StringIO(newline="")
    assert write_csv(soql, records, out) == len(records)
    return list(csv.reader(StringIO(out.getvalue(), newline="")))


def test_parents_that_are_missing_and_fields_of_several_parts():
    records = [
        {"attributes": {}, "Id": "1", "Owner": None, "Address": None},
        {"attributes": {}, "Id": "2", "Owner": {"Name": "Ó"}, "Address": {"city": "Róma"}},
    ]
    found = rows("SELECT id, owner.name, Address FROM Lead", records)
    assert found == [["id", "owner.name", "Address"], ["1", "", ""], ["2", "Ó", '{"city": "Róma"}']]


def test_columns_that_only_the_records_tell():
    records = [
        {"expr0": 3, "Owner": None},
        {"expr0": 4, "Owner": {"Name": "x"}, "Contacts": {"records": [{"Id": "1"}]}},
    ]
    found = rows("SELECT COUNT(Id), Owner.Name FROM Lead", records)
    assert found == [
        ["expr0", "Owner.Name", "Contacts"],
        ["3", "", ""],
        ["4", "x", '[{"Id": "1"}]'],
    ]


@pytest.fixture
def leads(org, db):
    """Five leads, found in pages of two."""
    ready(org)
    people = [{KEY: f"a{n}", "LastName": f"Lead {n}", "Company": "Acme"} for n in range(5)]
    with get_client() as client:
        client.upsert("Lead", KEY, people)
    org.options(api_page_size=2)
    org.clear_calls()
    return org


class Watching(StringIO):
    """Notes how many pages had been fetched when each line was written."""

    def __init__(self, org, stop_after=None):
        super().__init__(newline="")
        self.org, self.stop_after, self.pages = org, stop_after, []

    def write(self, text):
        if len(self.pages) == self.stop_after:
            raise BrokenPipeError
        self.pages.append(len(self.org.calls(path="/query")))
        return super().write(text)


SOQL = "SELECT LastName FROM Lead ORDER BY LastName"


@pytest.mark.parametrize(
    ("options", "pages"), [(["--csv"], [1, 1, 1, 2, 2, 3]), ([], [1, 1, 2, 2, 3])]
)
def test_a_page_is_written_before_the_next_one_is_fetched(leads, options, pages):
    out = Watching(leads)
    call_command("salesforce_query", SOQL, *options, stdout=out)
    assert out.pages == pages


@pytest.mark.parametrize("options", [["--csv"], []])
def test_who_has_read_enough_ends_it_quietly(leads, options, monkeypatch):
    left = []
    monkeypatch.setattr(salesforce_query, "_leave_quietly", lambda: left.append(True))
    call_command("salesforce_query", SOQL, *options, stdout=Watching(leads, stop_after=2))
    assert left == [True]
    assert len(leads.calls(path="/query")) <= 2


def test_what_came_before_an_error_is_written(leads):
    leads.fault("request_error", status=400, code="INVALID_FIELD", message="x", path="/query/")
    out = StringIO(newline="")
    with pytest.raises(CommandError):
        call_command("salesforce_query", SOQL, "--csv", stdout=out)
    assert out.getvalue().splitlines() == ["LastName", "Lead 0", "Lead 1"]


def test_the_columns_are_called_as_in_the_query(leads):
    code, lines, _ = call("select lead.lastname, OWNER.Name from Lead limit 1", "--csv")
    assert (code, lines[0]) == (0, "lead.lastname,OWNER.Name")
    assert lines[1].startswith("Lead ") and not lines[1].endswith(",")
