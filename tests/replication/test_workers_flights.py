"""Several calls in flight: so many at once, the next window prepared meanwhile, the lease held."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.workers import team
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import forget_describe
from wagtail_salesforce.replication import flights
from wagtail_salesforce.replication.lease import LEASE_TIME, HeldLease
from wagtail_salesforce.replication.prepare import Preparer
from wagtail_salesforce.salesforce.client import SalesforceClient


pytestmark = pytest.mark.django_db(transaction=True)


class Gate:
    """Lets calls through only when so many have come together."""

    def __init__(self, monkeypatch, together):
        self.barrier = threading.Barrier(together)
        self.at_once = self.most = 0
        self.lock = threading.Lock()
        self.send = SalesforceClient.send_batch
        monkeypatch.setattr(SalesforceClient, "send_batch", self.pass_through())

    def pass_through(self):
        def send_batch(client, *args, **kwargs):
            with self.lock:
                self.at_once += 1
                self.most = max(self.most, self.at_once)
            self.barrier.wait(20)
            answers = self.send(client, *args, **kwargs)
            with self.lock:
                self.at_once -= 1
            return answers

        return send_batch


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("in_flight", [1, 2, 4])
def test_so_many_calls_are_in_flight(org, settings, monkeypatch, in_flight, workers):
    team(settings, workers, in_flight)
    ready(org, batch_size=10)
    make_contacts(10)
    run()  # from now on the usage is known
    make_contacts(80, email_key=None, email="")
    gate = Gate(monkeypatch, in_flight)
    assert run().counts == {"created": 80}
    assert gate.most == in_flight


def test_the_next_window_is_prepared_while_calls_fly(org, settings, monkeypatch):
    team(settings, 1, 1)
    ready(org)
    make_contacts(10)
    run()
    make_contacts(1001, email_key=None, email="")
    prepared = []
    monkeypatch.setattr(
        Preparer,
        "prepare",
        lambda self, window, prepare=Preparer.prepare: prepared.append(1) or prepare(self, window),
    )
    send, second = SalesforceClient.send_batch, threading.Event()

    def patient(client, *args, **kwargs):
        for _wait in range(2000):
            if len(prepared) >= 2:
                second.set()
                break
            threading.Event().wait(0.01)
        return send(client, *args, **kwargs)

    monkeypatch.setattr(SalesforceClient, "send_batch", patient)
    assert run().counts == {"created": 1001}
    assert second.is_set()


def test_a_call_that_takes_long_does_not_keep_others_from_being_followed(
    org, settings, monkeypatch
):
    team(settings, 1, 2)
    ready(org, batch_size=10)
    make_contacts(10)
    run()
    make_contacts(100, email_key=None, email="")
    send, through = SalesforceClient.send_batch, []
    all_others = threading.Event()

    def one_is_slow(client, *args, **kwargs):
        first = not through
        through.append(1)
        if first:
            assert all_others.wait(20)
        answers = send(client, *args, **kwargs)
        if len(through) == 10:
            all_others.set()
        return answers

    monkeypatch.setattr(SalesforceClient, "send_batch", one_is_slow)
    assert run().counts == {"created": 100}


def test_the_lease_is_held_while_the_fields_are_read_slowly(org, settings, monkeypatch):
    team(settings)
    ready(org)
    make_contacts(5)
    monkeypatch.setattr(flights, "WAIT", 0.02)
    describe = SalesforceClient.describe
    left, renewed, renew = [], [], HeldLease.renew

    def noted(lease):
        renew(lease)
        renewed.append(lease.renewed_at)

    monkeypatch.setattr(HeldLease, "renew", noted)
    with time_machine.travel(timezone.now()) as clock:

        def slow(client, name):
            for _minute in range(8):
                clock.shift(timedelta(seconds=60))
                minute = timezone.now()
                for _look in range(500):
                    if renewed and renewed[-1] >= minute:
                        break
                    threading.Event().wait(0.01)
            left.append(renewed[-1] + LEASE_TIME - timezone.now())
            return describe(client, name)

        monkeypatch.setattr(SalesforceClient, "describe", slow)
        forget_describe(Connection.load().org_id)
        assert run().counts == {"created": 5}
    assert left[0] > timedelta(seconds=100)
