"""Due marks: every path that may alter eligibility or payload marks, at a constant price."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.ready import make_contacts
from wagtail_salesforce.contacts.changes import ContactChange
from wagtail_salesforce.contacts.models import Activity, Company, CompanyMembership, Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, new_external_id


pytestmark = pytest.mark.django_db

State = LeadLink.State


@pytest.fixture
def contact():
    return Contact.objects.create(email="a@example.org", last_name="One")


def settled(contact, **changes):
    values = {"state": State.REPLICATED, "lead_id": "00Q000000000001AAA", "due_at": None}
    LeadLink.objects.filter(contact=contact).update(**{**values, **changes})
    return LeadLink.objects.get(contact=contact)


def link_of(contact):
    return LeadLink.objects.get(contact=contact)


def test_a_new_contact_gets_a_link_that_is_due(contact):
    link = link_of(contact)
    assert (link.state, link.version) == (State.NEW, 1)
    assert link.due_at is not None
    assert len(link.external_id) == 32


def test_a_saved_contact_is_due_in_a_new_version(contact):
    before = settled(contact)
    contact.save()
    after = link_of(contact)
    assert after.version == before.version + 1
    assert after.due_at is not None


@pytest.mark.parametrize("what", ["activity", "membership", "company name", "primary contact"])
def test_what_belongs_to_a_contact_marks_it(contact, what):
    company = Company.objects.create(name="Old")
    membership = CompanyMembership.objects.create(company=company, contact=contact)
    before = settled(contact)
    if what == "activity":
        Activity.objects.create(contact=contact, type="form_submission")
    elif what == "membership":
        membership.delete()
    elif what == "company name":
        company.name = "New"
        company.save()
    else:
        company.primary_contact = contact
        company.save()
    assert link_of(contact).version > before.version
    assert link_of(contact).due_at is not None


def test_a_suspended_contact_comes_back_when_saved(contact):
    settled(contact, state=State.SUSPENDED, attempts=3, suspended_at=timezone.now())
    contact.save()
    link = link_of(contact)
    assert (link.state, link.attempts, link.suspended_at) == (State.REPLICATED, 0, None)
    assert link.due_at is not None


def test_suspended_contacts_come_back_when_the_mapping_is_saved(contact):
    settled(contact, state=State.SUSPENDED, lead_id="")
    Mapping.objects.create(name="Leads")
    assert (link_of(contact).state, link_of(contact).due_at is None) == (State.NEW, False)


def test_an_excluded_contact_is_not_due_but_its_version_grows(contact):
    before = settled(contact)
    due.exclude(LeadLink.objects.filter(contact=contact))
    contact.save()
    link = link_of(contact)
    assert (link.state, link.excluded_reason, link.due_at) == (State.EXCLUDED, "by_hand", None)
    assert link.version == before.version + 2
    due.include(LeadLink.objects.filter(contact=contact))
    assert link_of(contact).state == State.REPLICATED
    assert link_of(contact).due_at is not None


def test_including_a_converted_one_starts_a_new_lead(contact):
    before = settled(contact, state=State.EXCLUDED, excluded_reason="converted")
    assert due.include(LeadLink.objects.all()) == 1
    link = link_of(contact)
    assert (link.state, link.lead_id) == (State.NEW, "")
    assert link.external_id != before.external_id


def test_a_deleted_contact_leaves_a_tombstone(contact):
    before = settled(contact)
    contact.delete()
    link = LeadLink.objects.get()
    assert (link.contact_id, link.state, link.due_at) == (None, State.ERASED, None)
    assert link.external_id == before.external_id
    assert link.lead_id == before.lead_id


def test_retry_includes_those_that_wait(contact):
    settled(contact, due_at=timezone.now() + timedelta(hours=2))
    assert due.retry(LeadLink.objects.all()) == 1
    assert link_of(contact).due_at <= timezone.now()


def test_starting_over_forgets_leads_but_not_exclusions(contact):
    other = Contact.objects.create(email="b@example.org")
    settled(contact, org_id="00D000000000001AAA", synced_version=1)
    due.exclude(LeadLink.objects.filter(contact=other))
    due.start_over("00D000000000002AAA")
    link = link_of(contact)
    assert (link.lead_id, link.state, link.synced_version) == ("", State.NEW, 0)
    assert link_of(other).state == State.EXCLUDED
    assert ReplicationSettings.load().org_id == "00D000000000002AAA"


def test_contacts_made_behind_our_back_are_found():
    Contact.objects.bulk_create([Contact(email="x@example.org"), Contact(email="y@example.org")])
    assert due.mint_missing() == 2
    assert due.mint_missing() == 0


def test_marking_costs_the_same_for_one_contact_and_for_a_thousand():
    contacts = make_contacts(1000)
    for count in (1, 1000):
        changes = {contact.pk: ContactChange(fields={"*"}) for contact in contacts[:count]}
        with CaptureQueriesContext(connection) as captured:
            due.mark_due(changes)
        assert len(captured) == 1


def test_a_link_that_was_lost_is_minted_again(contact):
    LeadLink.objects.all().delete()
    contact.save()
    assert link_of(contact).due_at is not None


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(9999, 1, 1)))
def test_external_ids_are_hex_digits_in_the_order_of_time(when):
    with time_machine.travel(when, tick=False):
        ids = [new_external_id() for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(uuid.UUID(each).hex == each for each in ids)
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in ids} == {
        (7, uuid.RFC_4122)
    }
    with time_machine.travel(when + timedelta(milliseconds=1), tick=False):
        assert new_external_id() > max(ids)
