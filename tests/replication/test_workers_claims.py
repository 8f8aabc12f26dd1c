"""Workers that stall, die or lose what they have claimed: nobody is sent by two at once, and
what comes late is put right."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from tests.replication.workers import died, team
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import claim, flights
from wagtail_salesforce.replication.lease import HeldLease, take_lease
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.salesforce.transport import GuardedSession


pytestmark = pytest.mark.django_db(transaction=True)

STALL = timedelta(minutes=11)


def rename(last_name: str) -> None:
    contact = Contact.objects.get()
    contact.last_name = last_name
    contact.save()


def sent_rows(org) -> int:
    return sum(call["rows"] or 0 for call in org.calls(path="/composite"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_stalls_before_its_call_does_not_send_any_more(org, settings, workers):
    team(settings, workers)
    ready(org)
    make_contacts(5)
    results = []
    with time_machine.travel(timezone.now()) as clock:

        def stall():
            clock.shift(STALL)
            Lease.objects.update(owner="another machine|1|1")
            results.append(run())

        with meanwhile(stall):
            results.append(run())
    assert [(each.reason, each.counts["created"]) for each in results] == [
        (None, 5),
        ("lease_lost", 0),
    ]
    assert sent_rows(org) == 5


@pytest.mark.parametrize("workers", [1, 2])
def test_a_call_of_a_stalled_worker_that_lands_late_is_put_right(
    org, settings, monkeypatch, workers
):
    """It stalls with a request on its way; another worker sends and records something newer."""
    team(settings, workers)
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="First")
    run()
    rename("Old")
    others_are_through, on_its_way = threading.Event(), threading.Event()
    send, renew = GuardedSession.send, HeldLease.renew
    results = []

    def late(self, request, **kwargs):
        if b"Old" in (request.body or b""):
            on_its_way.set()
            assert others_are_through.wait(20)
        return send(self, request, **kwargs)

    with time_machine.travel(timezone.now()) as clock:

        def stalled(self):
            if on_its_way.is_set() and not others_are_through.is_set():
                on_its_way.clear()
                clock.shift(STALL)
                Lease.objects.update(owner="another machine|1|1")
                rename("New")
                results.append(run())
                others_are_through.set()
            return renew(self)

        monkeypatch.setattr(flights, "WAIT", 0.02)
        monkeypatch.setattr(GuardedSession, "send", late)
        monkeypatch.setattr(HeldLease, "renew", stalled)
        results.append(run())
        assert [each.reason for each in results] == [None, "lease_lost"]
        assert [lead["LastName"] for lead in org.leads()] == ["Old"]
        assert run().counts == {"updated": 1}
    assert [lead["LastName"] for lead in org.leads()] == ["New"]
    assert LeadLink.objects.get().due_at is None


def test_what_another_worker_has_claimed_meanwhile_is_not_sent(org, settings, monkeypatch):
    team(settings, 2, in_flight=1)
    ready(org, batch_size=10)
    make_contacts(30)
    last = LeadLink.objects.order_by("contact_id").last()
    monkeypatch.setattr(claim, "RENEW_AFTER", timedelta(0))
    later = timezone.now() + timedelta(minutes=5)

    def take_one():
        LeadLink.objects.filter(pk=last.pk).update(
            claimed_by="replication-1:9", claimed_until=later
        )

    with meanwhile(take_one):
        result = run()
    assert (result.reason, result.counts["created"]) == (None, 29)
    assert sent_rows(org) == 29
    last.refresh_from_db()
    assert (last.claimed_by, last.lead_id) == ("replication-1:9", "")


def test_claims_are_held_for_as_long_as_the_lease_is(settings):
    team(settings)
    make_contacts(3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ours = claim.Claimant("replication-0:1")
        ours.claim(LeadLink.objects.order_by("contact_id"))
        for _minute in range(30):
            clock.shift(timedelta(minutes=1))
            assert ours.renew() == set()
        free = claim.due_links(timezone.now(), claim.Selection())
        assert not free.exists()
        ours.release()
        assert free.count() == 3


def test_rows_of_a_killed_worker_are_sent_at_once_and_once_more_later(org, settings):
    """Salesforce may still carry out what it has sent; the rows of others are sent only once."""
    team(settings)
    ready(org)
    first, _second = make_contacts(2)
    lease = died()
    LeadLink.objects.filter(contact=first).update(
        claimed_by=f"{lease.name}:{lease.token}",
        claimed_until=timezone.now() + claim.CLAIM_TIME,
    )
    assert run().counts == {"created": 2}
    [again] = LeadLink.objects.exclude(due_at=None)
    assert (again.contact, again.due_at) == (first, lease.expires_at)
    assert run().counts == {}
    with time_machine.travel(lease.expires_at + timedelta(seconds=1)):
        assert run().counts == {"updated": 1}
    assert not LeadLink.objects.exclude(due_at=None, claimed_by="").exists()


def test_a_killed_worker_is_buried_although_another_slot_was_free(org, settings):
    team(settings, 3)
    ready(org)
    [contact] = make_contacts(1)
    lease = died(slot=2)
    LeadLink.objects.update(
        claimed_by=f"{lease.name}:{lease.token}",
        claimed_until=timezone.now() + claim.CLAIM_TIME,
    )
    assert run().counts == {"created": 1}


def test_doubt_outlives_a_worker_that_did_not_come_to_the_row(org, settings):
    team(settings)
    ready(org)
    make_contacts(1)
    until = timezone.now() + timedelta(minutes=2)
    LeadLink.objects.update(claimed_until=until)
    org.fault("api_disabled", count=1, path="/composite")
    assert run().reason == "api_disabled"
    assert run().counts == {"created": 1}
    assert LeadLink.objects.get().due_at == until


def test_one_worker_more_than_there_are_slots_leaves_at_once(settings):
    team(settings, 2)
    first, second = take_lease(2), take_lease(2)
    assert run().reason == "busy"
    # One of them is lost on another machine; the other one works on.
    Lease.objects.filter(name=second.name).update(
        owner="elsewhere|1|1", expires_at=timezone.now() - timedelta(seconds=1)
    )
    third = take_lease(2)
    assert third.name == second.name
    first.check()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_payload_that_was_sent_and_never_recorded_is_not_taken_for_unsent(org, settings, workers):
    """The contact is changed back to what was accepted last: it has to be sent all the same."""
    team(settings, workers)
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="One")
    run()
    rename("Two")
    # A worker sends it and is killed before it has recorded anything.
    [lead] = org.leads()
    org.change(lead["Id"], LastName="Two")
    lease = died()
    LeadLink.objects.update(claimed_by=f"{lease.name}:{lease.token}" if workers > 1 else "")
    rename("One")
    run()
    assert [lead["LastName"] for lead in org.leads()] == ["One"]


def test_nor_is_one_whose_answers_were_all_lost(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="One")
    run()
    rename("Two")
    org.fault("drop_after", path="/")
    assert run().reason == "org_unavailable"
    org.clear_faults()
    assert [lead["LastName"] for lead in org.leads()] == ["Two"]
    rename("One")
    run()
    assert [lead["LastName"] for lead in org.leads()] == ["One"]
