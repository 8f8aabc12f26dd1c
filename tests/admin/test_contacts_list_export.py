"""Contacts → Contacts: the export of the list."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_salesforce_contacts:index")
ATTACK = '=HYPERLINK("https://evil.example/","Click")'


@pytest.fixture
def grace():
    Contact.objects.create(last_name="Lovelace", company_name="Engines")
    return Contact.objects.create(last_name="Hopper", company_name="Navy")


class TestExport:
    @pytest.fixture
    def client(self):
        return client_of("view_contact", "export_contact")

    @pytest.fixture
    def ada(self):
        Attribute.objects.create(name="licences", label="=1+1", type="integer")
        Attribute.objects.create(name="budget", label="Budget", type="decimal")
        return Contact.objects.create(
            email="ada@engines.example",
            last_name=ATTACK,
            business_phone="+44 20 7946 0000",
            notes="\tTab",
            attributes={"licences": 25, "budget": "-12.50"},
        )

    def csv_rows(self, client, **parameters):
        response = client.get(LIST, {"export": "csv", **parameters})
        assert response["Content-Disposition"] == 'attachment; filename="contacts.csv"'
        text = b"".join(response.streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    def test_no_text_becomes_a_formula_in_csv(self, client, ada):
        (row,) = self.csv_rows(client)
        assert row["Last name"] == f"'{ATTACK}"
        assert row["Business phone"] == "'+44 20 7946 0000"
        assert row["Notes"] == "'\tTab"
        assert row["'=1+1"] == "25"

    def test_numbers_stay_numbers(self, client, ada):
        (row,) = self.csv_rows(client)
        assert row["Budget"] == "-12.50"

    def test_no_text_becomes_a_formula_in_xlsx(self, client, ada):
        response = client.get(LIST, {"export": "xlsx"})
        sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
        assert cells[ATTACK] == "s"
        assert "f" not in cells.values()

    def test_has_every_field_and_attribute(self, client, ada):
        Contact.objects.update(status="Prospect")
        (row,) = self.csv_rows(client)
        assert {str(field.label) for field in FIELDS.values()} < set(row)
        assert (row["Status"], row["E-mail"]) == ("Prospect", "ada@engines.example")
        assert {"Budget", "'=1+1"} < set(row)

    def test_follows_the_filters_in_xlsx_too(self, client, grace):
        response = client.get(LIST, {"export": "xlsx", "company": "Navy"})
        sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        assert [row[0] for row in sheet.values][1:] == [grace.pk]

    def test_has_points_and_lead(self, client, ada):
        score = Score.objects.create(name="Sales")
        ScorePoints.objects.update_or_create(
            contact=ada, score=score, defaults={"points": 42, "expires_at": None}
        )
        LeadLink.objects.filter(contact=ada).update(state="replicated", lead_id="00Q1")
        (row,) = self.csv_rows(client)
        assert (row["Points: Sales"], row["Lead"], row["Salesforce id"]) == (
            "42",
            "In Salesforce",
            "00Q1",
        )

    def test_follows_search_and_filters(self, client, grace):
        rows = self.csv_rows(client, q="hopper")
        assert [row["Last name"] for row in rows] == ["Hopper"]

    def test_takes_the_same_number_of_statements_for_many(self, client, ada):
        with CaptureQueriesContext(connection) as few:
            self.csv_rows(client)
        Contact.objects.bulk_create(Contact(email=f"p{n}@example.org") for n in range(60))
        with CaptureQueriesContext(connection) as many:
            assert len(self.csv_rows(client)) == 61
        assert len(many) == len(few)

    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_is_refused_without_its_permission(self, ada, format):
        client = client_of("view_contact", "change_contact", "add_contact", "delete_contact")
        response = client.get(LIST, {"export": format}, follow=True)
        assert response.redirect_chain[0] == (reverse("wagtailadmin_home"), 302)
        assert any("do not have permission" in text for text in messages_of(response))
        assert "export=csv" not in client.get(LIST).content.decode()

    def test_is_no_way_around_the_permission_to_see_contacts(self, ada):
        response = client_of("export_contact").get(LIST, {"export": "csv"})
        assert response.status_code == 302
