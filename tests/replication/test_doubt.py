"""A worker died with a call under way, which Salesforce may still carry out: whatever is sent until
then goes once more afterwards, in however many runs it was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.workers import died, team
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import claim
from wagtail_salesforce.replication.flights import Flights
from wagtail_salesforce.replication.lease import LEASE_TIME, take_lease
from wagtail_salesforce.replication.models import LeadLink, Lease


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[1, 2], ids=["one_worker", "two_workers"])
def workers(request, settings) -> int:
    team(settings, request.param)
    return request.param


@pytest.fixture
def contact(org, workers) -> Contact:
    ready(org)
    [contact] = make_contacts(1)
    run()
    return contact


def rename(contact: Contact, last_name: str) -> None:
    contact.last_name = last_name
    contact.save()


def dies_sending(contact: Contact, last_name: str, workers: int) -> Lease:
    """A worker is killed while its call with this name is under way."""
    rename(contact, last_name)
    lease = died()
    if workers > 1:
        LeadLink.objects.update(
            claimed_by=f"{lease.name}:{lease.token}",
            claimed_until=timezone.now() + claim.CLAIM_TIME,
        )
    return lease


def its_call_lands(org) -> None:
    [lead] = org.leads()
    org.change(lead["Id"], LastName="Old")


def assert_put_right(org, lease: Lease, last_name: str) -> None:
    with time_machine.travel(lease.expires_at + timedelta(seconds=1)):
        run()
    assert [lead["LastName"] for lead in org.leads()] == [last_name]
    assert LeadLink.objects.get().due_at is None


def test_what_a_second_run_sends_is_doubtful_too(org, contact, workers):
    lease = dies_sending(contact, "Old", workers)
    for name in ("Newer", "Newest"):
        rename(contact, name)
        assert run().counts == {"updated": 1}
        assert LeadLink.objects.get().due_at == lease.expires_at
    its_call_lands(org)
    assert_put_right(org, lease, "Newest")


def test_a_run_for_one_contact_leaves_the_doubt_to_the_others(org, contact, workers):
    other = Contact.objects.create(email="other@example.org", last_name="Other")
    lease = dies_sending(contact, "Old", workers)
    assert run(contact_id=other.pk).counts == {"created": 1}
    rename(contact, "Newest")
    assert run().counts["updated"] == 1
    assert LeadLink.objects.get(contact=contact).due_at == lease.expires_at


def test_a_run_that_was_under_way_when_the_doubt_ended_sends_once_more(
    org, contact, workers, monkeypatch
):
    lease = dies_sending(contact, "Old", workers)
    rename(contact, "Newest")
    landed = Flights.landed
    with time_machine.travel(lease.expires_at - timedelta(seconds=1)) as clock:

        def late(flights):
            flights.under_way[0].future.exception(20)
            clock.shift(timedelta(seconds=2))
            monkeypatch.setattr(Flights, "landed", landed)
            return landed(flights)

        monkeypatch.setattr(Flights, "landed", late)
        its_call_lands(org)
        assert run().counts == {"updated": 2}
    assert [lead["LastName"] for lead in org.leads()] == ["Newest"]
    assert LeadLink.objects.get().due_at is None


def test_when_several_workers_follow_one_that_worked_alone(org, settings, contact):
    lease = dies_sending(contact, "Old", 1)
    team(settings, 2)
    rename(contact, "Newest")
    assert run().counts == {"updated": 1}
    assert LeadLink.objects.get().due_at == lease.expires_at


def test_the_doubt_outlives_a_run_that_ended_in_disorder(org, settings, contact):
    """It could not record what it had sent, and left its lease for the next to see by."""
    team(settings, 1)
    lease = dies_sending(contact, "Old", 1)
    held = take_lease()
    held.unsettled = True
    held.release()
    rename(contact, "Newest")
    assert run().counts == {"updated": 1}
    assert LeadLink.objects.get().due_at == lease.expires_at


@pytest.mark.usefixtures("contact")
def test_there_is_no_doubt_after_one_whose_lease_ran_out(workers):
    Lease.objects.update_or_create(
        name="replication-0",
        defaults={"owner": "elsewhere|1|1", "expires_at": timezone.now(), "token": 9},
    )
    held = take_lease(workers)
    assert held.doubtful_until is None
    assert held.renewed_at + LEASE_TIME > timezone.now()
