"""A whole worker that sleeps for longer than its lease, with a call about to leave."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import ready, run
from tests.replication.workers import team
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.flights import Flights
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.salesforce.transport import GuardedSession


pytestmark = pytest.mark.django_db(transaction=True)

STALL = timedelta(minutes=11)


def rename(last_name: str) -> None:
    contact = Contact.objects.get()
    contact.last_name = last_name
    contact.save()


class Sleep:
    """The process falls asleep once a call that says "Old" has been let through and before it
    has left; another worker sends something newer; the call leaves and is answered before the
    worker looks after its lease again."""

    def __init__(self, monkeypatch, clock) -> None:
        self.clock, self.results = clock, []
        self.let_through, self.awake = threading.Event(), threading.Event()
        self.send, self.landed = GuardedSession.send, Flights.landed
        monkeypatch.setattr(
            GuardedSession, "send", lambda *args, **kwargs: self.late(*args, **kwargs)
        )
        monkeypatch.setattr(Flights, "landed", lambda flights: self.wait(flights))

    def late(self, session, request, **kwargs):
        if b"Old" in (request.body or b""):
            self.let_through.set()
            assert self.awake.wait(20)
        return self.send(session, request, **kwargs)

    def wait(self, flights):
        if not self.let_through.wait(20) or self.awake.is_set() or self.results:
            return self.landed(flights)
        self.results.append(None)
        self.clock.shift(STALL)
        Lease.objects.update(owner="another machine|1|1")
        rename("New")
        self.results[0] = run()
        self.awake.set()
        flights.under_way[0].future.exception(20)
        return self.landed(flights)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_call_that_left_late_is_put_right_also_when_it_is_answered_at_once(
    org, settings, monkeypatch, workers
):
    team(settings, workers)
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="First")
    run()
    rename("Old")
    with time_machine.travel(timezone.now()) as clock:
        sleep = Sleep(monkeypatch, clock)
        assert run().reason == "lease_lost"
        assert sleep.results[0].counts == {"updated": 1}
        assert [lead["LastName"] for lead in org.leads()] == ["Old"]
        assert run().counts == {"updated": 1}
    assert [lead["LastName"] for lead in org.leads()] == ["New"]
    assert LeadLink.objects.get().due_at is None
