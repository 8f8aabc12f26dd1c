"""Salesforce carried a call out, but its answer never arrived: the next run must not believe in
what it knew before."""

from __future__ import annotations

import os
import signal
from threading import Barrier

import pytest
import time_machine
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.model.troubles import killed_at, leave_the_lease
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import RequestRefused, Stopped, Transient
from wagtail_salesforce.replication import due, interruption
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.salesforce.client import SalesforceClient


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True, params=[1, 2], ids=["one_worker", "two_workers"])
def workers(request, settings, monkeypatch):
    """The mode with one worker, and that with several; nobody sleeps."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    conf = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": request.param}
    settings.WAGTAIL_SALESFORCE = conf
    return request.param


def lose_the_answer(org, how: str) -> None:
    """A run whose calls are carried out, and which hears nothing of it."""
    if how == "lost":
        org.fault("drop_after")
        assert run().reason == "org_unavailable"
        org.clear_faults()
        return
    with killed_at(0), pytest.raises(SystemExit):
        run()
    if how == "killed":
        leave_the_lease()


HOW = pytest.mark.parametrize("how", ["lost", "died", "killed"])


@HOW
def test_what_is_taken_back_after_an_update_is_taken_back_in_salesforce(org, how):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    run()
    contact.city = "York"
    contact.save()
    lose_the_answer(org, how)
    assert [lead["City"] for lead in org.leads()] == ["York"]
    contact.city = "Leeds"
    contact.save()
    run()
    assert [lead["City"] for lead in org.leads()] == ["Leeds"]


@HOW
def test_what_is_emptied_after_a_lead_was_made_is_emptied_in_salesforce(org, how):
    ready(org)
    lead_describe()
    contact = Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    lose_the_answer(org, how)
    assert [lead["City"] for lead in org.leads()] == ["Leeds"]
    contact.city = ""
    contact.save()
    run()
    # What a killed worker sent may arrive while its lease holds, so that all goes again then.
    with time_machine.travel(timezone.now() + LEASE_TIME):
        run()
    assert [lead["City"] for lead in org.leads()] == [None]


def test_a_repeat_that_was_not_made_any_more_leaves_the_first_try_in_doubt(org, monkeypatch):
    """The answer gets lost, and the process is asked to stop before the call is made again."""
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    run()
    fill_cities("York")
    org.fault("drop_after", path="/composite", count=1)
    asked = []

    def sleep(seconds):
        if seconds and not asked:
            asked.append(seconds)
            os.kill(os.getpid(), signal.SIGTERM)
            assert interruption._asked.wait(5)

    monkeypatch.setattr("time.sleep", sleep)
    assert run().reason == "interrupted"
    assert [lead["City"] for lead in org.leads()] == ["York"]
    fill_cities("Leeds")
    run()
    assert [lead["City"] for lead in org.leads()] == ["Leeds"]


def test_a_part_without_an_answer_is_not_believed_when_the_run_stops_meanwhile(org, monkeypatch):
    """One call says that the API is off while a part of another comes to nothing."""
    ready(org, batch_size=1)
    make_contacts(2, city="Leeds")
    run()
    fill_cities("York")
    send, both, unanswered = SalesforceClient.send_batch, Barrier(2, timeout=20), Transient("lost")

    def send_batch(self, chunks, **kwargs):
        both.wait()
        if "person0@" in str(chunks):
            raise Stopped(code="api_disabled")
        answers = send(self, chunks, **kwargs)
        return [
            RequestRefused("lost", code="x", status=500, stands_for=unanswered) for _ in answers
        ]

    with monkeypatch.context() as patched:
        patched.setattr(SalesforceClient, "send_batch", send_batch)
        assert run().reason == "api_disabled"
    assert sorted(lead["City"] for lead in org.leads()) == ["Leeds", "York"]
    fill_cities("Leeds")
    run()
    assert [lead["City"] for lead in org.leads()] == ["Leeds", "Leeds"]


def fill_cities(city: str) -> None:
    Contact.objects.update(city=city)
    due.resend_all()
