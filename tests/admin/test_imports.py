"""Contacts → Import: upload, columns, trying, importing, the refused rows; and who may."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from wagtail_salesforce.contacts.importing import files
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import (
    Attribute,
    Contact,
    ContactImport,
    ImportPiece,
    ImportRefusal,
)


pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/salesforce/imports/"
PEOPLE = "E-mail;First name;Nonsense\nada@b.org;Ada;x\neve@b.org;=Eve;y\n,Nobody;;\n"
OPTIONS = {"encoding": "utf-8", "delimiter": "", "date_order": "day", "numbers": ""}


@pytest.fixture
def client():
    return client_of("import_contact")


def upload(client, data, name="people.csv"):
    data = data if isinstance(data, bytes) else data.encode()
    return client.post(LIST, {"file": SimpleUploadedFile(name, data)}, follow=True)


def uploaded(client, data=PEOPLE):
    upload(client, data)
    return ContactImport.objects.latest("pk")


def url(name, item):
    return reverse(f"wagtail_salesforce_imports:{name}", args=[item.pk])


def send(client, item, action, follow=True, **data):
    form = client.get(url("columns", item)).context["form"]
    chosen = {name: field.initial or "" for name, field in form.fields.items() if "column-" in name}
    data = {**OPTIONS, **chosen, **data, "action": action}
    return client.post(url("columns", item), data, follow=follow)


def page_of(response):
    return response.content.decode()


class TestTheWay:
    def test_from_the_upload_to_contacts(self, client):
        response = upload(client, PEOPLE)
        item = ContactImport.objects.get()
        assert response.redirect_chain == [(url("columns", item), 302)]
        columns = response.context["form"].columns
        assert [(column.heading, column.field.value(), column.guessed) for column in columns] == [
            ("E-mail", "email", True),
            ("First name", "first_name", True),
            ("Nonsense", "", False),
        ]
        assert columns[1].values == ["Ada", "=Eve", ""]

        send(client, item, "try")
        assert not Contact.objects.exists()
        work()
        response = client.get(url("result", item))
        assert {str(name): number for name, number in response.context["figures"]} == {
            "New contacts": 2,
            "Updated": 0,
            "Unchanged": 0,
            "Refused": 1,
        }
        assert "no e-mail address" in page_of(response) or "is not valid" in page_of(response)
        assert not Contact.objects.exists()

        response = client.post(url("start", item), follow=True)
        work()
        assert set(Contact.objects.values_list("email", "first_name")) == {
            ("ada@b.org", "Ada"),
            ("eve@b.org", "=Eve"),
        }
        response = client.get(LIST)
        assert "Imported" in page_of(response)

    def test_importing_at_once(self, client):
        item = uploaded(client)
        response = send(client, item, "import")
        assert response.redirect_chain == [(url("result", item), 302)]
        work()
        assert Contact.objects.count() == 2
        item.refresh_from_db()
        assert item.job.started_by == item.uploaded_by

    def test_a_file_is_imported_once(self, client):
        item = uploaded(client)
        send(client, item, "import")
        work()
        response = client.post(url("start", item), follow=True)
        assert "Upload it anew" in messages_of(response)[0]
        assert client.get(url("columns", item)).url == url("result", item)

    def test_nothing_begins_while_a_run_is_under_way(self, client):
        item = uploaded(client)
        item.targets = ["email", "", ""]
        item.save()
        job = start_import(item, dry_run=False)
        client.post(url("start", item))
        item.refresh_from_db()
        assert item.job == job
        client.post(url("delete", item))
        assert ImportPiece.objects.exists()

    def test_the_audit_log_holds_ids_only(self, client):
        item = uploaded(client)
        send(client, item, "import")
        entry = ModelLogEntry.objects.get(action="wagtail_salesforce.import_contacts")
        item.refresh_from_db()
        assert (entry.label, entry.data) == (f"#{item.pk}", {"job": item.job_id})


class TestUploading:
    def test_without_a_file(self, client):
        assert "This field is required" in page_of(client.post(LIST))

    def test_an_empty_file(self, client):
        assert "The file is empty" in page_of(upload(client, b""))
        assert not ContactImport.objects.exists()

    def test_too_large_a_file(self, client, monkeypatch):
        monkeypatch.setattr("wagtail_salesforce.admin.imports_list.MOST_BYTES", 10)
        assert "larger than" in page_of(upload(client, PEOPLE))
        assert not ContactImport.objects.exists()

    def test_the_sample_can_be_imported(self, client):
        sample = client.get(f"{LIST}sample/")
        assert sample["Content-Type"] == "text/csv; charset=utf-8"
        item = uploaded(client, sample.content)
        send(client, item, "import")
        work()
        ada = Contact.objects.get()
        assert (ada.country, str(ada.birthday)) == ("GB", "1985-12-10")


class TestColumns:
    def test_the_encoding_can_be_mended(self, client):
        item = uploaded(client, "E-mail,Last name\na@b.org,Zoë\n".encode("cp1252"))
        page = page_of(client.get(url("columns", item)))
        assert "Line 2 holds bytes" in page
        assert "Try it first" not in page
        client.post(url("columns", item), {**OPTIONS, "encoding": "windows-1252", "action": "read"})
        assert "Zoë" in page_of(client.get(url("columns", item)))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"PK\x03\x04", "is no CSV file"),
            (b"a@b.org,Ada\n", "is no header"),
            (b"E-mail,Name\n", "no row below it"),
        ],
    )
    def test_a_file_that_cannot_be_read_says_why(self, client, data, words):
        assert words in page_of(upload(client, data))

    def test_another_delimiter_shows_other_columns_before_anything_begins(self, client):
        item = uploaded(client)
        response = send(client, item, "import", delimiter="comma")
        assert "read anew" in messages_of(response)[0]
        assert [column.heading for column in response.context["form"].columns] == [
            "E-mail;First name;Nonsense"
        ]
        item.refresh_from_db()
        assert item.job is None

    @pytest.mark.parametrize(
        ("chosen", "words"),
        [
            ({"column-0": ""}, "No column fills the e-mail address"),
            ({"column-2": "first_name"}, "Another column fills this too"),
            ({"column-2": "full_name"}, "The full name fills this too"),
            ({"column-2": "owner"}, "Select a valid choice"),
        ],
    )
    def test_what_does_not_fit_is_told_beside_its_column(self, client, chosen, words):
        item = uploaded(client)
        assert words in page_of(send(client, item, "try", **chosen))
        item.refresh_from_db()
        assert item.job is None

    def test_attributes_are_offered(self, client):
        Attribute.objects.create(name="licences", label="Nonsense")
        item = uploaded(client)
        send(client, item, "import", overwrite="on", record_activity="on")
        work()
        assert Contact.objects.get(email="ada@b.org").attributes == {"licences": "x"}

    def test_markup_in_the_file_is_text(self, client):
        page = page_of(upload(client, "E-mail,<script>\na@b.org,<b>\n"))
        assert "<script>\n" not in page
        assert "&lt;b&gt;" in page


class TestTheReport:
    def test_is_downloaded(self, client):
        item = uploaded(client)
        send(client, item, "import")
        work()
        response = client.get(url("report", item))
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        lines = b"".join(response.streaming_content).decode().splitlines()
        assert lines[0].endswith("Line,Reason,E-mail,First name,Nonsense")
        assert lines[1].startswith("4,")

    def test_of_notes_has_no_cells(self, client):
        item = uploaded(client, "E-mail,Birthday\na@b.org,soon\n")
        send(client, item, "import")
        work()
        assert "Birthday was not taken over" in page_of(client.get(url("result", item)))
        text = b"".join(client.get(url("report", item) + "?notes").streaming_content).decode()
        assert "soon" not in text

    def test_of_many_rows_shows_the_first(self, client):
        item = uploaded(client, "E-mail,Name\n" + "x,y\n" * 60)
        send(client, item, "try")
        work()
        response = client.get(url("result", item))
        assert len(response.context["refused"]) == 50
        assert "The first 50 of 60 are shown" in page_of(response)


def test_the_file_is_deleted_by_a_button(client):
    item = uploaded(client)
    send(client, item, "import")
    work()
    client.post(url("delete", item))
    assert not ImportPiece.objects.exists()
    assert not ImportRefusal.objects.exists()
    item.refresh_from_db()
    assert item.forgotten_at
    assert "were deleted" in page_of(client.get(url("result", item)))
    assert "File deleted" in page_of(client.get(LIST))


class TestPermissions:
    @pytest.fixture
    def item(self):
        return files.store("people.csv", [PEOPLE.encode()])

    def test_the_menu_shows_it_to_those_who_may(self, client):
        assert LIST in page_of(client.get("/admin/"))
        assert LIST not in page_of(client_of("view_contact").get("/admin/"))

    @pytest.mark.parametrize("name", ["result", "columns", "start", "delete", "report"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_others_see_and_do_nothing(self, item, name, method):
        client = client_of("view_contact", "change_contact", "add_contact", "export_contact")
        response = getattr(client, method)(url(name, item), {**OPTIONS, "action": "import"})
        assert (response.status_code, response.url) == (302, "/admin/")
        item.refresh_from_db()
        assert item.job is None
        assert ImportPiece.objects.exists()

    @pytest.mark.parametrize("address", [LIST, f"{LIST}sample/"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nor_upload(self, address, method):
        client = client_of("add_contact")
        file = SimpleUploadedFile("people.csv", PEOPLE.encode())
        response = getattr(client, method)(address, {"file": file} if method == "post" else {})
        assert (response.status_code, response.url) == (302, "/admin/")
        assert not ContactImport.objects.exists()

    @pytest.mark.parametrize("name", ["start", "delete"])
    def test_looking_changes_nothing(self, client, item, name):
        assert client.get(url(name, item)).status_code == 405
