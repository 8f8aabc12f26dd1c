"""The attributes of a contact in its form: one field for each, by its type."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.admin.contact_form import edit_url, filled, page, send
from tests.admin.people import client_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.values import to_python


pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of("view_contact", "add_contact", "change_contact", "delete_contact")


@pytest.fixture
def ada():
    return Contact.objects.create(email="ada@engines.example", last_name="Lovelace")


TYPED = [
    ("text", "Gold", "Silver", "x" * 256),
    ("long_text", "Many\nlines", "Few", None),
    ("integer", "3000", "-1", "3.5"),
    ("decimal", "12.50", "0", "1e999"),
    ("float", "0.5", "-2", "much"),
    ("boolean", "true", "false", "perhaps"),
    ("date", "2026-02-28", "2024-02-29", "2026-02-30"),
    ("datetime", "2026-02-28 09:30", "2026-07-01 00:00", "yesterday"),
]
PYTHON = {
    "text": "Gold",
    "long_text": "Many\nlines",
    "integer": 3000,
    "decimal": Decimal("12.50"),
    "float": 0.5,
    "boolean": True,
    "date": datetime.date(2026, 2, 28),
    "datetime": datetime.datetime(2026, 2, 28, 9, 30, tzinfo=datetime.timezone.utc),
}


class TestAttributes:
    """One form field for each attribute, by its type."""

    @pytest.mark.parametrize(("kind", "first", "second", "bad"), TYPED)
    def test_of_each_type_are_saved_shown_changed_and_emptied(
        self, client, ada, kind, first, second, bad
    ):
        Attribute.objects.create(name="thing", label="Thing", type=kind)
        field = "attribute-thing"
        assert send(client, edit_url(ada), **{field: first}).status_code == 302
        ada.refresh_from_db()
        assert to_python(ada.attributes["thing"], FieldType(kind)) == PYTHON[kind]
        assert filled(client, edit_url(ada))[field] not in ("", None)
        before = ada.attributes
        assert send(client, edit_url(ada), city="York").status_code == 302
        ada.refresh_from_db()
        assert ada.attributes == before
        send(client, edit_url(ada), **{field: second})
        ada.refresh_from_db()
        assert to_python(ada.attributes["thing"], FieldType(kind)) != PYTHON[kind]
        send(client, edit_url(ada), **{field: ""})
        ada.refresh_from_db()
        assert ada.attributes == {}

    @pytest.mark.parametrize(
        ("kind", "bad"), [(kind, bad) for kind, _first, _second, bad in TYPED if bad]
    )
    def test_that_do_not_fit_their_type_are_refused(self, client, ada, kind, bad):
        Attribute.objects.create(name="thing", label="Thing", type=kind)
        response = send(client, edit_url(ada), **{"attribute-thing": bad})
        assert list(response.context["form"].errors) == ["attribute-thing"]
        ada.refresh_from_db()
        assert ada.attributes == {}

    def test_a_number_beyond_every_database_is_refused(self, client, ada):
        Attribute.objects.create(name="thing", label="Thing", type="integer")
        response = send(client, edit_url(ada), **{"attribute-thing": "9" * 40})
        assert "attribute-thing" in response.context["form"].errors

    def test_without_a_change_stay_as_they_are(self, client, ada):
        Attribute.objects.create(name="thing", label="Thing", type="decimal")
        Contact.objects.filter(pk=ada.pk).update(attributes={"thing": "12.5000", "other": 1})
        send(client, edit_url(ada), city="York")
        ada.refresh_from_db()
        assert ada.attributes == {"thing": "12.5000", "other": 1}

    def test_a_stored_value_of_a_former_type_is_shown_and_breaks_nothing(self, client, ada):
        Attribute.objects.create(name="thing", label="Thing", type="date")
        Contact.objects.filter(pk=ada.pk).update(attributes={"thing": "soon"})
        assert filled(client, edit_url(ada))["attribute-thing"] == "soon"
        inspect = reverse("wagtail_salesforce_contacts:inspect", args=[ada.pk])
        assert "soon" in page(client.get(inspect))
