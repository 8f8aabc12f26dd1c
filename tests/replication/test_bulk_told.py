"""Whether people and monitors are told of contacts under way in Bulk."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import one_slice
from wagtail_salesforce.admin.lead_link_words import describe
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.prometheus import as_text
from wagtail_salesforce.replication.status import status


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]


def test_contacts_under_way_are_told(org, admin_user):
    ready(org)
    make_contacts(8)
    one_slice()
    told = status()
    assert (told["due"], told["in_bulk"]) == (8, 8)
    assert "wagtail_salesforce_contacts_in_bulk 8\n" in as_text(told)
    client = Client()
    client.force_login(admin_user)
    page = client.get(reverse("wagtail_salesforce:panel")).content.decode()
    assert 'data-in-bulk="8"' in page
    assert "8 of them are under way in a Bulk job" in page
    link = LeadLink.objects.first()
    assert "Bulk job" in describe(link).text
    run()
    assert status()["in_bulk"] == 0
    assert "data-in-bulk" not in client.get(reverse("wagtail_salesforce:panel")).content.decode()
