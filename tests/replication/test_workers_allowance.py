"""The allowance of several workers together: reached exactly, and never exceeded."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from tests.replication.workers import team
from wagtail_salesforce.connection.session import get_client, lead_describe
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.allowance import keep_reserve
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.replication.shared_allowance import ROW, SharedAllowance
from wagtail_salesforce.salesforce.limits import Usage


pytestmark = pytest.mark.django_db(transaction=True)


def used(org) -> int:
    return org.set_allowance()["used"]


@pytest.mark.parametrize("before", [77, 79, 80, 81])
@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_reserve_is_exact(org, settings, in_flight, before):
    team(settings, 3, in_flight)
    ready(org, batch_size=10, api_reserve_percent=20)
    lead_describe()
    make_contacts(60)
    org.set_allowance(max=100, used=before)
    result = run()
    assert result.reason == "api_reserve"
    # Where nothing is known yet, it takes a call to ask.
    assert used(org) == max(80, before + 1)
    org.clear_calls()
    assert run().reason == "api_reserve"
    assert org.calls(counted=True) == []


def test_two_workers_beside_each_other_use_it_up_together(org, settings):
    team(settings, 2)
    ready(org, batch_size=10, api_reserve_percent=20)
    make_contacts(2500)
    org.set_allowance(max=100, used=20)
    results = []
    with meanwhile(lambda: results.append(run())):
        results.append(run())
    assert [each.reason for each in results] == ["api_reserve", "api_reserve"]
    assert used(org) == 80
    assert LeadLink.objects.filter(attempts=0, due_at__isnull=False).count() > 0


def test_an_hour_later_it_is_looked_at_again(org, settings):
    team(settings, 2)
    ready(org, batch_size=10)
    make_contacts(60)
    org.set_allowance(max=100, used=79)
    assert run().reason == "api_reserve"
    org.set_allowance(max=100, used=10)
    assert run().reason == "api_reserve"
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert run().reason is None
    assert len(org.leads()) == 60


def test_calls_of_the_sites_own_code_are_seen_with_the_next_answer(org, settings):
    """They are others' calls as far as the reserve goes; a run stops for them all the same."""
    team(settings, 2, in_flight=1)
    ready(org, batch_size=10, api_reserve_percent=20)
    lead_describe()
    make_contacts(200)
    org.set_allowance(max=100, used=60)

    def own_code():
        with get_client() as client:
            for _call in range(12):
                list(client.query("SELECT Id FROM Lead"))

    with meanwhile(own_code):
        assert run().reason == "api_reserve"
    assert used(org) == 80


def test_other_work_of_ours_takes_its_calls_from_the_same_row(org, settings):
    team(settings, 2)
    ready(org, batch_size=10, api_reserve_percent=20)
    make_contacts(10)
    org.set_allowance(max=100, used=70)
    run()
    last = used(org)
    with get_client() as client:
        keep_reserve(client)
        for _call in range(80 - last):
            list(client.query("SELECT Id FROM Lead"))
        with pytest.raises(Stopped, match="reserve"):
            list(client.query("SELECT Id FROM Lead"))
    assert used(org) == 80
    assert Lease.objects.get(name=ROW).token == 80


class Told:
    """Stands for a client that has been told this."""

    def __init__(self, usage=None):
        self.usage = usage


def test_one_asks_while_the_others_wait(org, settings):
    """The one that asks makes one call; those who come meanwhile wait for what it is told."""
    team(settings, 2)
    ready(org)
    first = SharedAllowance(Told(), 20, None)
    first.reserved(int)
    waited = []

    def answer():
        waited.append(True)
        first.client.usage = Usage(50, 100)
        first.learn()

    second = SharedAllowance(Told(), 20, None, answer)
    second.reserved(int)
    assert waited == [True]
    assert Lease.objects.get(name=ROW).token == 51
    assert first.is_known and second.is_known


def test_one_that_dies_asking_keeps_nobody_waiting_for_long(org, settings):
    team(settings, 2)
    ready(org)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        SharedAllowance(Told(), 20, None).reserved(int)
        second = SharedAllowance(Told(), 20, None, lambda: clock.shift(timedelta(seconds=60)))
        second.reserved(int)
    assert not second.is_known


def test_one_of_this_machine_that_was_killed_asking_keeps_nobody_waiting(org, settings):
    team(settings, 2)
    ready(org)
    SharedAllowance(Told(), 20, None).reserved(int)
    row = Lease.objects.get(name=ROW)
    process, _, call = row.owner.rpartition(" ")
    gone = process.rpartition("|")[0] + "|0"
    Lease.objects.filter(name=ROW).update(owner=f"{gone} {call}")
    waited = []
    second = SharedAllowance(Told(), 20, None, lambda: waited.append(True))
    second.reserved(int)
    assert (waited, second.is_known) == ([], False)


def test_after_an_hour_of_work_calls_under_way_are_counted_as_used(org, settings):
    team(settings, 3, in_flight=4)
    ready(org)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        worker = SharedAllowance(Told(Usage(50, 1000)), 20, None)
        worker.reserved(int)
        worker.client.usage = Usage(50, 1000)
        worker.learn()
        clock.shift(timedelta(minutes=60))
        worker.reserved(int)
        worker.client.usage = Usage(500, 1000)
        worker.learn()
    assert Lease.objects.get(name=ROW).token == 500 + 3 * 4 - 1


@pytest.mark.parametrize("batch_size", [1000, 200])
def test_the_statements_of_a_batch_stay_few_beside_other_workers(org, settings, batch_size):
    team(settings, 3)

    def statements(count):
        make_contacts(count, email_key=None, email="")
        with CaptureQueriesContext(connection) as captured:
            run()
        erase(list(Contact.objects.values_list("pk", flat=True)))
        return len(captured)

    ready(org, batch_size=batch_size)
    statements(10)
    one, four = statements(batch_size), statements(4 * batch_size)
    assert (four - one) / 3 <= 12
