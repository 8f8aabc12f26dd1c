"""Where a value of a contact is why Salesforce refused it, its form is offered before Retry."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db

ATTENTION = "/admin/salesforce/reports/attention/"
CORRECT = re.compile(r"<a class=\"button[^>]*>Correct the contact<")


def page_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def suspended(code="STRING_TOO_LONG"):
    contact = Contact.objects.create(email="ana@example.org", last_name="Müller")
    LeadLink.objects.update(state="suspended", due_at=None, last_error_code=code)
    return LeadLink.objects.get(contact=contact)


@pytest.mark.parametrize(
    ("code", "anchor"),
    [("STRING_TOO_LONG", ""), ("INVALID_EMAIL_ADDRESS", "#id_email"), ("UNABLE_TO_LOCK_ROW", None)],
)
def test_where_a_value_is_the_reason_the_contact_is_corrected_first(admin_client, code, anchor):
    row = suspended(code)
    edit = reverse("wagtail_salesforce_contacts:edit", args=[row.contact_id])
    shown = reverse("wagtail_salesforce_contacts:inspect", args=[row.contact_id])
    for page in (page_of(admin_client, ATTENTION), page_of(admin_client, shown)):
        retry = page.index(f"/links/{row.pk}/retry/")
        if anchor is None:
            assert not CORRECT.search(page)
            continue
        assert page.index(f'class="button button-small" href="{edit}{anchor}"') < retry
        button = page[retry:].split("<button")[1]
        assert "button-secondary" in button.split(">")[0]
    if anchor:
        assert f'id="{anchor[1:]}"' in page_of(admin_client, edit)


def test_who_may_not_change_contacts_is_not_sent_to_their_form():
    row = suspended()
    shown = reverse("wagtail_salesforce_contacts:inspect", args=[row.contact_id])
    reader = client_of("view_leadlink", "replicate_contact", "view_contact")
    assert not CORRECT.search(page_of(reader, ATTENTION) + page_of(reader, shown))
    changes = client_of("view_leadlink", "change_contact")
    for page in (page_of(changes, ATTENTION), page_of(changes, shown)):
        assert CORRECT.search(page) and f"/links/{row.pk}/" not in page
