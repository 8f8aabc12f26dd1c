"""Export all that is known of one contact."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Activity, Contact


pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of("view_contact", "export_contact")


@pytest.fixture
def ada():
    contact = Contact.objects.create(email="ada@engines.example", last_name="Lovelacé")
    Activity.objects.create(contact=contact, type="purchase", title="Licences", value="3000")
    return contact


def url_of(number):
    return reverse("wagtail_salesforce_contacts:export_person", args=[number])


def test_is_a_document_to_download(client, ada):
    response = client.get(url_of(ada.pk))
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="contact-{ada.pk}.json"'
    document = json.loads(response.content)
    assert "ada@engines.example" in json.dumps(document["contact"])
    assert "Licences" in json.dumps(document["activities"])
    assert "Lovelacé" in response.content.decode()


def test_is_logged_by_number(client, ada):
    client.get(url_of(ada.pk))
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.label) == ("wagtail_salesforce.export_person", f"#{ada.pk}")


def test_of_nobody_is_not_there(client):
    assert client.get(url_of(10**6)).status_code == 404


def test_is_not_posted(client, ada):
    assert client.post(url_of(ada.pk)).status_code == 405
