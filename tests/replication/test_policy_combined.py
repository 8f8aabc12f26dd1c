"""Several troubles at once, as they come in life. Nothing is lost and nothing is made twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.cluster import work
from tests.connecting import connect_by_person
from tests.ready import EXTERNAL_ID, PLAIN, make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.jobs.run import run_waiting
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.signals import after_batch


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
TOKEN = "/services/oauth2/token"
SENDS = "/composite"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Nobody waits long, but who waits for another worker lets it work."""
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(min(seconds, 0.02)))


def each_once(org, count):
    """Every contact has one lead, of the external id of its link, with its latest name."""
    names = dict(LeadLink.objects.values_list("external_id", "contact__last_name"))
    leads = org.leads()
    assert len(leads) == count
    assert {lead[EXTERNAL_ID]: lead["LastName"] for lead in leads} == names
    ids = {lead[EXTERNAL_ID]: lead["Id"] for lead in leads}
    assert dict(LeadLink.objects.values_list("external_id", "lead_id")) == ids


def three_workers(org, settings, **changes):
    """Up to three workers, who know already how many API calls are used."""
    given = settings.WAGTAIL_SALESFORCE
    settings.WAGTAIL_SALESFORCE = {**given, "PARALLEL_WORKERS": 3}
    ready(org, **changes)
    connect_by_person(org)
    org.options(rotation=True)
    Contact.objects.create(email="first@example.org", last_name="First")
    assert run().counts == {"created": 1}


# Rotation while three workers refresh


@pytest.mark.skipif("connection.vendor == 'sqlite' and connection.is_in_memory_db()")
def test_rotation_while_three_workers_take_turns(org, settings):
    """Each worker begins in the middle of another's batch, and finds the token expired."""
    three_workers(org, settings)
    make_contacts(3000, email="", email_key=None)
    results = []

    def third():
        org.expire_tokens()
        results.append(run())

    def second():
        org.expire_tokens()
        with meanwhile(third):
            results.append(run())

    with meanwhile(second):
        results.append(run())
    assert [result.reason for result in results] == [None, None, None]
    assert sum(result.counts["created"] for result in results) == 3000
    assert Connection.load().is_authorized
    each_once(org, 3001)
    org.expire_tokens()
    Contact.objects.first().save()
    assert run().reason is None


@pytest.mark.skipif("connection.vendor == 'sqlite'")
def test_rotation_while_three_workers_refresh_at_the_same_moment(org, settings):
    three_workers(org, settings, batch_size=200)
    make_contacts(3000, email="", email_key=None)
    org.expire_tokens()
    org.clear_calls()
    start = Barrier(3)

    def begin(_number):
        start.wait()
        try:
            return run()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(begin, range(3)))
    assert {result.reason for result in results} == {None}
    assert len(org.calls(path=TOKEN)) == 1
    assert Connection.load().is_authorized
    each_once(org, 3001)


# The limit reached in the middle of a Composite


def test_the_limit_reached_in_the_middle_of_a_composite(org):
    """What was accepted before and after is recorded; the others wait and are blamed for nothing."""
    ready(org)
    contacts = make_contacts(1000)
    struck = [link.external_id for link in LeadLink.objects.order_by("pk")[300:700]]
    org.fault(
        "row_error",
        code="REQUEST_LIMIT_EXCEEDED",
        message="TotalRequests Limit exceeded.",
        external_ids=struck,
    )
    result = run()
    assert (result.reason, result.counts) == ("request_limit", {"created": 600})
    waiting = LeadLink.objects.filter(due_at__isnull=False)
    assert waiting.count() == waiting.filter(attempts=0, state=State.NEW).count() == 400
    org.clear_faults()
    org.clear_calls()
    assert run().reason == "api_reserve"
    assert org.calls() == []
    Connection.objects.update(api_calls_at=timezone.now() - timedelta(minutes=61))
    assert run().counts == {"created": 400}
    each_once(org, len(contacts))


def test_the_limit_reached_between_an_answer_lost_and_its_repetition(org):
    ready(org, batch_size=200, api_reserve_percent=0)
    make_contacts(400)
    lead_describe()
    org.set_allowance(max=org.set_allowance()["used"] + 1)
    org.fault("drop_after", count=1, path=SENDS)
    assert run().reason in {"request_limit", "api_reserve"}
    assert LeadLink.objects.filter(due_at__isnull=False, attempts=0).count() == 400
    org.set_allowance(max=10_000)
    Connection.objects.update(api_calls_at=None)
    run()
    each_once(org, 400)


# A lost answer followed by a crash


def dies_with_outcomes(recorder, outcomes, sent_at):
    """The worker dies just before it records anything."""
    if outcomes:
        raise SystemExit("killed")


@pytest.mark.parametrize("edited", [False, True])
def test_a_lost_answer_followed_by_a_crash(org, monkeypatch, edited):
    """Salesforce has the leads; neither the answer nor the worker is left to tell of them."""
    ready(org)
    contacts = make_contacts(300)
    org.fault("drop_after", count=1, path=SENDS)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "record", dies_with_outcomes)
        with pytest.raises(SystemExit):
            run()
    assert org.count_leads() == 300
    assert LeadLink.objects.filter(lead_id="", due_at__isnull=False).count() == 300
    if edited:
        for contact in contacts[:10]:
            contact.last_name += " edited"
            contact.save()
    run()
    each_once(org, 300)


def test_an_update_whose_answer_is_lost_before_a_crash_is_not_taken_for_unchanged(org, monkeypatch):
    """The lead has the second name and we remember the first payload: going back to the first
    name must be sent, although it equals what was recorded last."""
    ready(org)
    (contact,) = make_contacts(1)
    run()
    first = contact.last_name
    contact.last_name = "Second"
    contact.save()

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "record", dies_with_outcomes)
        with pytest.raises(SystemExit):
            run()
    assert org.leads()[0]["LastName"] == "Second"
    contact.last_name = first
    contact.save()
    run()
    each_once(org, 1)


# Schema drift between two batches

EXTRA = {"name": "Extra__c", "label": "Extra", "type": "string", "length": 50}


def drifting(org, action, count=600):
    """A run whose first batch is accepted before the organization's fields change."""
    org.add_field("Lead", **EXTRA)
    fields = {**PLAIN, "Extra__c": {"source": "field", "name": "city"}}
    ready(org, batch_size=200, fields=fields)
    make_contacts(count, city="Leeds")
    with meanwhile(action, signal=after_batch):
        return run()


def test_a_field_that_vanishes_between_two_batches(org):
    result = drifting(org, lambda: org.remove_field("Lead", "Extra__c"))
    assert (result.state, result.reason) == ("stopped", "mapping_broken")
    done = LeadLink.objects.filter(state=State.REPLICATED).count()
    assert done == org.count_leads() >= 200
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()
    org.clear_calls()
    assert run().reason == "mapping_broken"
    assert org.calls(path=SENDS) == []
    org.add_field("Lead", **EXTRA)
    lead_describe(force=True)
    assert run().counts == {"created": 600 - done}
    each_once(org, 600)


def test_a_field_that_becomes_shorter_between_two_batches(org):
    """The contacts sent by the old description are suspended; saved mapping and next describe
    shorten them."""
    result = drifting(org, lambda: org.add_field("Lead", **{**EXTRA, "length": 3}))
    assert result.state == "finished"
    suspended = LeadLink.objects.filter(state=State.SUSPENDED)
    assert set(suspended.values_list("last_error_code", flat=True)) == {"STRING_TOO_LONG"}
    assert suspended.count() + org.count_leads() == 600
    lead_describe(force=True)
    ReplicationSettings.load().mapping.save()
    due.revive_suspended()
    run()
    each_once(org, 600)
    assert {lead["Extra__c"] for lead in org.leads()} <= {"Leeds", "Lee"}


def test_a_field_that_becomes_required_between_two_batches(org):
    def demand():
        org.add_field(
            "Lead", name="Badge__c", label="Badge", type="string", length=9, nillable=False
        )

    result = drifting(org, demand)
    suspended = LeadLink.objects.filter(state=State.SUSPENDED)
    assert set(suspended.values_list("last_error_code", flat=True)) == {"REQUIRED_FIELD_MISSING"}
    assert suspended.count() + org.count_leads() == 600
    assert result.counts["suspended"] == suspended.count()


# Erase during a batch


def settle():
    """Jobs wait for the run to be over; some minutes later they see that it is."""
    for minutes in (1, 15, 30):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            run_waiting()
            work()


@pytest.mark.parametrize("known", [False, True])
def test_erased_with_its_lead_while_the_batch_travels(org, known):
    ready(org)
    kept, gone = make_contacts(2)
    if known:
        run()
        for contact in (kept, gone):
            contact.last_name += " edited"
            contact.save()
    with meanwhile(lambda: erase([gone.pk], delete_leads=True)):
        run()
    settle()
    assert [lead["LastName"] for lead in org.leads()] == [kept.last_name]
    link = LeadLink.objects.get(contact=None)
    assert (link.state, link.lead_id, link.due_at) == (State.ERASED, "", None)
    assert (link.last_error_message, link.fingerprint) == ("", "")
    due.resend_all()
    run()
    assert len(org.leads()) == 1


def test_erased_while_the_batch_travels_and_its_answer_is_lost_for_good(org):
    """Nobody ever hears the lead's id; its external id finds it."""
    ready(org)
    lead_describe()
    (gone,) = make_contacts(1)
    with meanwhile(lambda: erase([gone.pk], delete_leads=True)):
        org.fault("drop_after", path="/services/data")
        assert run().reason == "org_unavailable"
    assert org.count_leads() == 1
    org.clear_faults()
    settle()
    assert org.leads() == []


def test_erased_while_a_short_id_is_on_record(org):
    ready(org)
    (gone,) = make_contacts(1)
    run()
    link = LeadLink.objects.get()
    LeadLink.objects.update(lead_id=link.lead_id[:15])
    erase([gone.pk], delete_leads=True)
    settle()
    assert org.leads() == []
