"""Importing contacts through the job: what is made, updated, noted and refused."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.contacts.importing_files import (
    PEOPLE,
    contact,
    counts,
    imported,
    notes,
    refusals,
)
from wagtail_salesforce.contacts.importing import work as import_work
from wagtail_salesforce.contacts.importing.report import report
from wagtail_salesforce.contacts.models import (
    Attribute,
    Contact,
    ContactStatus,
    ImportedAddress,
)
from wagtail_salesforce.jobs.models import Job


pytestmark = pytest.mark.django_db


WORDS = ("no e-mail address", "not valid", "1 cells", "3 cells", "quotation marks", "once more")


class TestContacts:
    def test_are_made(self):
        done = imported(PEOPLE)
        ada = contact("ada@b.org")
        assert (ada.first_name, ada.last_name, ada.email_key) == ("Ada", "Lovelace", "ada@b.org")
        assert ada.attributes == {}
        assert counts(done) == {"created": 2}
        assert (done.job.done, done.job.total, done.job.percent) == (2, 2, 100)

    def test_that_exist_are_found_whatever_the_case_and_filled_where_empty(self):
        Contact.objects.create(email="ADA@b.org", last_name="King")
        done = imported(PEOPLE)
        ada = contact("ADA@b.org")
        assert (ada.first_name, ada.last_name) == ("Ada", "King")
        assert counts(done) == {"created": 1, "updated": 1}
        assert Contact.objects.count() == 2

    def test_are_overwritten_when_that_is_chosen_but_never_with_nothing(self):
        before = Contact.objects.create(email="ada@b.org", last_name="King", city="Paris")
        imported("E-mail,Last name,City\nada@b.org,Lovelace,\n", overwrite=True)
        ada = contact("ada@b.org")
        assert (ada.pk, ada.last_name, ada.city) == (before.pk, "Lovelace", "Paris")
        assert ada.modified_at > before.modified_at

    def test_that_say_nothing_new_are_unchanged(self):
        imported(PEOPLE)
        stamps = dict(Contact.objects.values_list("pk", "modified_at"))
        done = imported(PEOPLE, overwrite=True)
        assert counts(done) == {"unchanged": 2}
        assert dict(Contact.objects.values_list("pk", "modified_at")) == stamps

    def test_their_other_columns_are_left_alone(self):
        Contact.objects.create(email="eve@b.org", notes="Keep", attributes={"a": 1})
        imported(PEOPLE, overwrite=True)
        eve = contact("eve@b.org")
        assert (eve.notes, eve.attributes, eve.first_name) == ("Keep", {"a": 1}, "Eve")

    @pytest.mark.parametrize("rows", [2, 2000])
    def test_an_address_twice_makes_one_contact_which_both_rows_fill(self, rows, monkeypatch):
        monkeypatch.setattr(import_work, "ROWS", rows)
        text = "E-mail,First name,Last name\na@b.org,Ada,\nc@b.org,Joe,\nA@B.org,,Lovelace\n"
        done = imported(text)
        assert Contact.objects.filter(email_key="a@b.org").count() == 1
        ada = contact("a@b.org")
        assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")
        assert counts(done) == {"created": 2, "updated": 1, "repeated": 1, "notes": 1}
        assert [line for line, _note in notes(done)] == [4]
        assert not ImportedAddress.objects.exists()

    def test_empty_lines_are_passed_over(self):
        done = imported("E-mail,Name\n\na@b.org,Ada\n,\n  ,\n")
        assert counts(done) == {"created": 1}

    def test_a_header_alone_imports_nothing(self):
        done = imported("E-mail,Name\n")
        assert (counts(done), done.job.state) == ({}, Job.State.FINISHED)


class TestValues:
    def test_of_every_kind_are_read(self):
        ContactStatus.objects.create(name="Prospect")
        for name, kind in (("licences", "integer"), ("rate", "decimal"), ("news", "boolean")):
            Attribute.objects.create(name=name, label=name.title(), type=kind)
        Attribute.objects.create(name="since", label="Since", type="datetime")
        Attribute.objects.create(name="size", label="Size", type="choice", choices="Small\nLarge")
        text = (
            "E-mail;Birthday;Status;Country;State;Licences;Rate;News;Since;Size\n"
            "a@b.org;28/02/1980;prospect;United States;California;1.000;1.234,50;ja;"
            "1/3/2026 2:05 PM;LARGE\n"
        )
        done = imported(text, numbers="comma")
        ada = contact("a@b.org")
        assert ada.birthday == dt.date(1980, 2, 28)
        assert (ada.status, ada.country, ada.state) == ("Prospect", "US", "CA")
        assert ada.attributes == {
            "licences": 1000,
            "rate": "1234.50",
            "news": True,
            "since": "2026-03-01T14:05:00+00:00",
            "size": "Large",
        }
        assert notes(done) == []

    @pytest.mark.parametrize(
        ("written", "order", "day"),
        [
            ("03/04/1980", "day", dt.date(1980, 4, 3)),
            ("03/04/1980", "month", dt.date(1980, 3, 4)),
            ("3-4-1980", "month", dt.date(1980, 3, 4)),
            ("3.4.1980", "month", dt.date(1980, 4, 3)),
            ("1980-03-04", "day", dt.date(1980, 3, 4)),
            ("1980/3/4", "month", dt.date(1980, 3, 4)),
            ("04/03/1980 00:00:00", "day", dt.date(1980, 3, 4)),
            ("31/31/1980", "day", None),
            ("03/04/80", "day", None),
        ],
    )
    def test_dates_are_read_in_the_chosen_order(self, written, order, day):
        done = imported(f"E-mail,Birthday\na@b.org,{written}\n", date_order=order)
        assert contact("a@b.org").birthday == day
        assert bool(notes(done)) is (day is None)

    @pytest.mark.parametrize(
        ("written", "numbers", "number"),
        [
            ('"1,000"', "point", 1000),
            ("1.000", "comma", 1000),
            ("1 000", "point", 1000),
            ("−7", "point", -7),
            ('"1,0"', "point", None),
            ("1.000", "", None),
            ("1000", "", 1000),
        ],
    )
    def test_numbers_are_read_as_chosen(self, written, numbers, number):
        Attribute.objects.create(name="licences", label="Licences", type="integer")
        done = imported(f"E-mail,Licences\na@b.org,{written}\n", numbers=numbers)
        assert contact("a@b.org").attributes.get("licences") == number
        assert bool(notes(done)) is (number is None)

    def test_that_do_not_fit_are_noted_and_the_rest_is_taken(self):
        ContactStatus.objects.create(name="Prospect")
        long = "x" * 101
        done = imported(f"E-mail,Birthday,Status,First name\na@b.org,soon,Client,{long}\n")
        assert contact("a@b.org").first_name == "x" * 100
        found = "\n".join(note for _line, note in notes(done))
        assert "Birthday was not taken over" in found
        assert "Status was not taken over" in found
        assert "First name was shortened from 101 to 100 characters." in found
        assert "soon" not in found

    def test_a_full_name_is_divided(self):
        imported("E-mail,Full name\na@b.org,Ada Lovelace\n", ["email", "full_name"])
        ada = contact("a@b.org")
        assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")

    def test_the_apostrophe_of_an_export_is_taken_off(self):
        imported("E-mail,Phone,Last name\na@b.org,'+44 20,'s Gravesande\n")
        ada = contact("a@b.org")
        assert (ada.business_phone, ada.last_name) == ("+44 20", "'s Gravesande")

    def test_columns_can_be_left_out(self):
        imported(PEOPLE, ["email", "", "last_name"])
        assert contact("ada@b.org").first_name == ""


class TestRefusedRows:
    TEXT = (
        "E-mail,Name\na@b.org,Ada\n,Nobody\nno address,X\nb@b.org\nc@b.org,C,more\n"
        'd@b.org,"D\ne@b.org,E\nE-mail,Name\nf@b.org,F,,\n'
    )

    def test_have_their_line_and_reason(self):
        done = imported(self.TEXT)
        found = refusals(done)
        assert {
            line: next(word for word in WORDS if word in text) for line, text in found.items()
        } == {
            3: "no e-mail address",
            4: "not valid",
            5: "1 cells",
            6: "3 cells",
            7: "quotation marks",
            9: "once more",
        }
        assert set(Contact.objects.values_list("email", flat=True)) == {
            "a@b.org",
            "e@b.org",
            "f@b.org",
        }
        assert counts(done) == {"created": 3, "refused": 6}

    def test_can_be_downloaded_with_their_cells_and_without_formulas(self):
        done = imported("E-mail,Name\n=1+1,@Ada\na@b.org,Eve\n")
        lines = "".join(report(done)).splitlines()
        assert lines[0] == "\ufeffLine,Reason,E-mail,Name"
        assert lines[1] == "2,The e-mail address is not valid.,'=1+1,'@Ada"
        assert len(lines) == 2

    @pytest.mark.parametrize("start", ["＝", "＋", "－", "＠"])
    def test_full_width_formulas_are_guarded_and_read_again(self, start):
        done = imported(f"E-mail,Name\nada at b.org,{start}1\n")
        text = "".join(report(done))
        assert f",'{start}1" in text
        imported(text.replace("ada at b.org", "ada@b.org").encode())
        assert contact("ada@b.org").last_name == f"{start}1"

    def test_a_mended_report_can_be_imported(self):
        done = imported("E-mail,Name\nada at b.org,+Ada\n")
        mended = "".join(report(done)).replace("ada at b.org", "ada@b.org")
        imported(mended.encode())
        assert contact("ada@b.org").last_name == "+Ada"

    def test_nothing_of_a_person_stands_in_the_job(self):
        done = imported(self.TEXT)
        everything = str(Job.objects.values())
        assert "b.org" not in everything
        assert "Ada" not in everything
        assert done.job.parameters == {"import": done.pk, "dry_run": False}
