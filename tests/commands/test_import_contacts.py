"""`salesforce_import_contacts`: the contract for scripts."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Contact,
    ContactImport,
    ImportPiece,
    ImportRefusal,
)


pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "E-mail,First name,Last name\nada@b.org,Ada,Lovelace\neve@b.org,Eve,Smith\n"


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return str(path)

    return write


def call(*arguments):
    """Run it with --json; (exit code, document or None, what it complained of)."""
    out = io.StringIO()
    code, words = 0, ""
    try:
        call_command("salesforce_import_contacts", *arguments, "--json", stdout=out)
    except CommandError as error:
        code, words = error.returncode, str(error)
    lines = out.getvalue().splitlines()
    return code, json.loads(lines[-1]) if lines else None, words


def finished(**counts):
    blank = dict.fromkeys(("created", "updated", "unchanged", "refused", "repeated", "notes"), 0)
    rows = sum(counts.get(name, 0) for name in ("created", "updated", "unchanged", "refused"))
    return {
        "state": "finished",
        "reason": None,
        "dry_run": False,
        "rows": rows,
        **blank,
        **counts,
    }


def test_imports_and_keeps_no_file(file):
    code, document, _words = call(file(PEOPLE))
    assert (code, document) == (0, finished(created=2))
    assert Contact.objects.get(email="ada@b.org").last_name == "Lovelace"
    assert not ImportPiece.objects.exists()
    assert ContactImport.objects.get().name == "people.csv"


def test_a_dry_run_changes_no_contact(file):
    code, document, _words = call(file(PEOPLE), "--dry-run")
    assert (code, document) == (0, finished(created=2) | {"dry_run": True})
    assert not Contact.objects.exists()


def test_reads_standard_input(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(PEOPLE.encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert call("-")[1] == finished(created=2)


def test_refused_rows_are_reported_and_exit_with_0(file, tmp_path):
    target = tmp_path / "refused.csv"
    code, document, _words = call(file(PEOPLE + "nobody,=1,B\n"), "--report", str(target))
    assert (code, document) == (0, finished(created=2, refused=1))
    with target.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["Line", "Reason", "E-mail", "First name", "Last name"],
        ["4", "The e-mail address is not valid.", "nobody", "'=1", "B"],
    ]
    assert not ImportRefusal.objects.exists()


def test_columns_are_mapped_by_hand(file):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    text = "A;B;C\na@b.org;Ada Lovelace;1.000\n"
    arguments = ["--map", "A=email", "--map", "B=full_name", "--map", "C=licences"]
    code, document, _words = call(
        file(text), *arguments, "--delimiter", "semicolon", "--numbers", "comma"
    )
    assert (code, document) == (0, finished(created=1))
    ada = Contact.objects.get()
    assert (ada.first_name, ada.last_name, ada.attributes) == (
        "Ada",
        "Lovelace",
        {"licences": 1000},
    )


def test_a_column_can_be_left_out_and_give_its_place_to_another(file):
    text = "E-mail,Last name,Surname at birth\na@b.org,King,Byron\n"
    call(file(text), "--map", "Surname at birth=last_name")
    assert Contact.objects.get().last_name == "Byron"
    call(file(text.replace("a@", "c@")), "--map", "Last name=-", "--map", "Surname at birth=-")
    assert Contact.objects.get(email="c@b.org").last_name == ""


def test_overwrites_and_records_activities_on_request(file):
    Contact.objects.create(email="ada@b.org", last_name="King")
    assert call(file(PEOPLE))[1] == finished(created=1, updated=1)
    assert Contact.objects.get(email="ada@b.org").last_name == "King"
    assert call(file(PEOPLE), "--overwrite", "--activity")[1] == finished(updated=1, unchanged=1)
    assert Contact.objects.get(email="ada@b.org").last_name == "Lovelace"
    assert Activity.objects.filter(type="contact_import").count() == 2


REFUSALS = {
    "wrong_encoding": ("E-mail,Name\na@b.org,Zo\xeb\n".encode("latin-1"), "Line 2"),
    "not_csv": (b"PK\x03\x04", "Save the spreadsheet as CSV"),
    "empty_file": (b"", "The file is empty"),
    "no_rows": (b"E-mail,Name\n", "Add a row"),
    "no_header": (b"a@b.org,Ada\n", "names of the columns"),
    "no_email_column": (b"First name,Last name\nAda,Lovelace\n", "address. Say which column holds"),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_file_that_cannot_be_imported_exits_with_1_and_says_why(file, reason):
    data, words = REFUSALS[reason]
    code, document, complaint = call(file(data))
    assert (code, document) == (1, {"state": "stopped", "reason": reason})
    assert words in complaint
    assert not Contact.objects.exists()
    assert not ImportPiece.objects.exists()


def test_the_encoding_can_be_chosen(file):
    text = "E-mail,Last name\na@b.org,Zoë\n"
    assert call(file(text, "cp1252"), "--encoding", "windows-1252")[0] == 0
    assert Contact.objects.get().last_name == "Zoë"


def test_utf_16_is_recognised_by_its_mark(file):
    assert call(file(PEOPLE.replace(",", "\t"), "utf-16"))[1] == finished(created=2)


WRONG = {
    "no such file": (["/nowhere/people.csv"], "No such file"),
    "no such field": (["FILE", "--map", "E-mail=shoe_size"], "no field “shoe_size”. A column can"),
    "and which there are": (["FILE", "--map", "E-mail=shoe_size"], "full_name, first_name"),
    "no place for the report": (["FILE", "--report", "/nowhere/r.csv"], "--report /nowhere/r.csv"),
    "a folder as the report": (["FILE", "--report", "/"], "--report /: Is a directory"),
    "no such column": (["FILE", "--map", "Mail=email"], "0 columns with the header"),
    "no pair": (["FILE", "--map", "E-mail"], "Header=field"),
    "a field twice": (["FILE", "--map", "E-mail=email", "--map", "Last name=email"], "Another"),
    "an encoding": (["FILE", "--encoding", "ebcdic"], "invalid choice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_exit_with_2(file, case):
    arguments, words = WRONG[case]
    path = file(PEOPLE)
    code, document, complaint = call(*(path if a == "FILE" else a for a in arguments))
    wrong = {"state": "stopped", "reason": "wrong_arguments"}
    assert (code, document) == (2, None if case == "an encoding" else wrong)
    assert words in complaint
    assert not Contact.objects.exists()
    assert not ImportPiece.objects.exists()


def test_without_json_it_says_it_in_a_sentence(file, capsys):
    call_command("salesforce_import_contacts", file(PEOPLE), "--dry-run")
    assert capsys.readouterr().out.strip() == (
        "This was a dry run: nothing was changed. An import would create 2, update 0, leave 0 "
        "unchanged and refuse 0 of 2 rows, with 0 notes."
    )
