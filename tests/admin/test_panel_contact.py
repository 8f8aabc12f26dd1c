"""The lead on a contact's page: why it is not sent, and what Replicate now passes over."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.replication.extensions import register_chooser, unregister_chooser
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db

#: With real commits, so that what is queued on commit is queued.
AS_DEPLOYED = pytest.mark.django_db(transaction=True)


def lead_of(client, contact) -> str:
    """The words of the contact's lead, with the addresses of its buttons."""
    url = reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk])
    page = client.get(url).content.decode()
    part = page[page.index('id="lead-section"') :].split("</section>")[0]
    kept = re.sub(r'<form action="([^"]+)"[^>]*>', r" \1 ", part)
    return " ".join(re.sub(r"<[^>]*>", " ", kept).split())


def press(client, contact):
    link = LeadLink.objects.get(contact=contact)
    return client.post(f"/admin/salesforce/links/{link.pk}/replicate/", follow=True)


@pytest.fixture
def poor(org):
    """A contact with 40 of the 1,500 points that it takes."""
    score = Score.objects.create(name="Hot")
    ready(org, score=score, by_score=True, minimum_points=1500)
    (contact,) = make_contacts(1)
    ScorePoints.objects.create(score=score, contact=contact, points=40)
    run()
    return contact


def test_how_many_points_are_missing_is_said_before_the_button_is_pressed(admin_client, poor):
    text = lead_of(admin_client, poor)
    assert "not chosen for replication at present. It has 40 of the 1,500 points in “Hot”" in text
    passing = "Replicate now sends this contact all the same: it passes over the points."
    assert text.index(passing) < text.index("/replicate/")


def test_who_may_not_press_it_reads_only_of_the_points(poor):
    text = lead_of(client_of("view_contact"), poor)
    assert "It has 40 of the 1,500 points" in text and "all the same" not in text


@AS_DEPLOYED
def test_afterwards_the_points_do_not_matter_any_more(org, poor):
    client = client_of("replicate_contact", "view_contact", "view_leadlink")
    press(client, poor)
    assert "points in “Hot”" not in lead_of(client, poor)
    work()
    assert org.count_leads() == 1
    text = lead_of(client, poor)
    assert "points in “Hot”" not in text and "all the same" not in text


def test_enough_points_need_no_words(admin_client, poor):
    ScorePoints.objects.update(points=1500)
    text = lead_of(admin_client, poor)
    assert "points in" not in text and "/replicate/" in text


@pytest.fixture
def silent(org):
    """A contact that has not given consent."""
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    ready(org, consent_attribute="newsletter")
    return make_contacts(1)[0]


def test_without_consent_there_is_no_button(admin_client, silent):
    text = lead_of(admin_client, silent)
    assert "It has not given consent (“Newsletter” is not yes), so it is not sent." in text
    assert "/replicate/" not in text and "/exclude/" in text


@AS_DEPLOYED
def test_without_consent_a_press_from_an_old_page_changes_nothing(silent):
    response = press(client_of("replicate_contact", "view_leadlink"), silent)
    assert "is not sent. It has not given consent" in messages_of(response)[0]
    assert not LeadLink.objects.get().required and not OrmQ.objects.exists()


def test_with_consent_nothing_is_said(admin_client, silent):
    silent.attributes["newsletter"] = True
    silent.save()
    text = lead_of(admin_client, silent)
    assert "consent" not in text and "/replicate/" in text


def test_a_lead_that_is_sent_once_says_why_it_stays(admin_client, org):
    ready(org)
    (contact,) = make_contacts(1)
    run()
    ReplicationSettings.objects.update(keep_leads_updated=False)
    text = lead_of(admin_client, contact)
    assert "Its lead stays as it is" in text and "/replicate/" not in text
    assert "Its lead stays as it is" in messages_of(press(admin_client, contact))[0]


@AS_DEPLOYED
def test_while_replication_is_stopped_the_contact_waits_and_the_reason_is_told(org):
    ready(org, enabled=False)
    (contact,) = make_contacts(1)
    response = press(client_of("replicate_contact", "view_leadlink"), contact)
    (text,) = messages_of(response)
    assert "goes to Salesforce with the next run" in text and "Replication is switched off." in text
    assert LeadLink.objects.get().required and not OrmQ.objects.exists()
    ReplicationSettings.objects.update(enabled=True)
    run()
    assert org.count_leads() == 1


@pytest.fixture
def nobody_chosen():
    """Code of the site that chooses no contact."""

    def choose_nobody(contact_ids):
        return set()

    register_chooser(choose_nobody)
    yield "choose_nobody"
    unregister_chooser(choose_nobody)


def test_code_of_the_site_that_does_not_choose_the_contact_is_named(
    admin_client, org, nobody_chosen
):
    ready(org)
    (contact,) = make_contacts(1)
    text = lead_of(admin_client, contact)
    assert "held back by" in text and nobody_chosen in text
    assert "/replicate/" not in text


def test_code_of_the_site_that_fails_does_not_break_the_page(admin_client, org):
    def fail(contact_ids):
        raise ZeroDivisionError

    ready(org)
    (contact,) = make_contacts(1)
    register_chooser(fail)
    try:
        assert "ZeroDivisionError" in lead_of(admin_client, contact)
    finally:
        unregister_chooser(fail)
