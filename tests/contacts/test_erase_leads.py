"""Erasing contacts together with their leads in Salesforce."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests.cluster import work
from tests.ready import make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.jobs.models import Job, latest_job
from wagtail_salesforce.jobs.run import run_waiting
from wagtail_salesforce.jobs.start import cancel, retry
from wagtail_salesforce.replication.lease import take_lease
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.tasks import reconcile_daily
from wagtail_salesforce.salesforce.client import SalesforceClient


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


def person(name="One"):
    return Contact.objects.create(email=f"{name}@example.org", last_name=name)


def sent(org, *names):
    """Contacts whose leads are there."""
    ready(org)
    people = [person(name) for name in names or ("One",)]
    run()
    return people


def erased(*people):
    return erase([contact.pk for contact in people], delete_leads=True)


def deletion():
    return latest_job("delete_leads")


def later(**passed):
    """Some time passes, and the schedule looks at the jobs."""
    with time_machine.travel(timezone.now() + timedelta(**passed)):
        run_waiting()
        work()


def test_the_lead_is_deleted(org):
    one, two = sent(org, "One", "Two")
    assert erased(one).leads == 1
    assert len(org.leads()) == 2
    work()
    assert [lead["LastName"] for lead in org.leads()] == ["Two"]
    job = deletion()
    assert (job.state, job.counts, job.done) == ("finished", {"deleted": 1}, 1)
    assert set(job.parameters) == {"links"}
    tombstone = LeadLink.objects.get(contact=None)
    assert (tombstone.state, tombstone.lead_id, tombstone.org_id) == (State.ERASED, "", "")
    assert LeadLink.objects.get(contact=two).lead_id


def test_without_the_choice_the_lead_stays(org):
    [one] = sent(org)
    assert erase([one.pk]).leads == 0
    work()
    assert len(org.leads()) == 1
    assert deletion() is None


def test_many_leads_take_two_calls_for_two_hundred(org):
    ready(org)
    people = make_contacts(450)
    run()
    org.clear_calls()
    assert erased(*people).leads == 450
    work()
    assert not org.leads()
    assert deletion().counts == {"deleted": 450}
    assert len(org.calls(counted=True)) == 6


def test_where_nothing_was_ever_sent_there_is_no_job():
    assert erased(person()).leads == 0
    assert deletion() is None


def test_deleted_by_somebody_already_is_done(org):
    [one] = sent(org)
    org.delete(org.leads()[0]["Id"])
    erased(one)
    work()
    assert deletion().counts == {"gone": 1}
    assert LeadLink.objects.get().lead_id == ""


def test_a_step_done_twice_is_no_error(org):
    [one] = sent(org)
    erased(one)
    work()
    Job.objects.update(state="failed", cursor=None)
    retry(deletion())
    work()
    assert deletion().state == "finished"


def test_a_converted_lead_stays_and_is_said(org, admin_client):
    [one] = sent(org)
    lead_id = org.leads()[0]["Id"]
    org.convert(lead_id)
    erased(one)
    work()
    assert deletion().counts == {"converted": 1}
    assert len(org.leads()) == 1
    page = admin_client.get(reverse("wagtail_salesforce:attention")).content.decode()
    assert "its lead had been converted" in page
    assert "by hand" in page
    assert lead_id in page


def test_what_salesforce_refuses_is_said(org, admin_client):
    [one] = sent(org)
    org.fault("row_error", code="DELETE_FAILED", message="Ada Lovelace is needed", count=1)
    erased(one)
    work()
    assert deletion().counts == {"refused": 1}
    link = LeadLink.objects.get()
    assert (link.last_error_code, link.last_error_message) == ("DELETE_FAILED", "")
    page = admin_client.get(reverse("wagtail_salesforce:attention")).content.decode()
    assert "refused to delete its lead" in page


def test_a_lead_of_another_organization_is_not_touched(org):
    [one] = sent(org)
    LeadLink.objects.update(org_id="00D000000000077AAA")
    org.clear_calls()
    erased(one)
    work()
    assert deletion().counts == {"other_org": 1}
    assert len(org.leads()) == 1
    assert not org.calls()


def test_a_row_that_somebody_holds_is_tried_again(org):
    one, two = sent(org, "One", "Two")
    org.fault("row_lock", count=1)
    erased(one, two)
    work()
    assert (deletion().state, len(org.leads())) == ("waiting", 1)
    later(minutes=2)
    assert deletion().counts == {"deleted": 2}
    assert not org.leads()


def test_a_row_that_is_held_for_ever_is_said(org):
    [one] = sent(org)
    org.fault("row_lock")
    erased(one)
    work()
    for minutes in range(2, 20, 2):
        later(minutes=minutes)
    assert (deletion().state, deletion().counts) == ("finished", {"refused": 1})
    assert deletion().done == 1
    assert LeadLink.objects.get().last_error_code == "UNABLE_TO_LOCK_ROW"


def test_without_authorization_it_fails_with_the_reason_and_can_be_tried_again(org):
    [one] = sent(org)
    status = Connection.load().status
    Connection.objects.update(status="needs_authorization")
    erased(one)
    work()
    assert (deletion().state, deletion().reason) == ("failed", "not_authorized")
    Connection.objects.update(status=status)
    retry(deletion())
    work()
    assert deletion().counts == {"deleted": 1}
    assert not org.leads()


def test_the_daily_reconciliation_tries_what_failed(org):
    [one] = sent(org)
    status = Connection.load().status
    Connection.objects.update(status="needs_authorization")
    erased(one)
    work()
    Connection.objects.update(status=status)
    reconcile_daily()
    work()
    assert not org.leads()


def test_it_respects_the_reserve_and_goes_on_later(org):
    [one] = sent(org)
    org.set_allowance(max=100, used=80)
    Connection.objects.update(api_calls_used=80, api_calls_max=100, api_calls_at=timezone.now())
    org.clear_calls()
    erased(one)
    work()
    assert deletion().state == "waiting"
    assert not org.calls(counted=True)
    org.set_allowance(max=100, used=10)
    later(minutes=30)
    assert deletion().state == "waiting"
    later(minutes=90)
    assert deletion().counts == {"deleted": 1}


def test_an_organization_that_does_not_answer_is_asked_again(org, monkeypatch):
    begin = SalesforceClient.__init__
    at_once = {**begin.__kwdefaults__, "sleep": lambda seconds: None}
    monkeypatch.setattr(begin, "__kwdefaults__", at_once)
    [one] = sent(org)
    org.fault("unavailable_html", count=4, path="/query")
    erased(one)
    work()
    assert deletion().state == "waiting"
    later(minutes=15)
    assert deletion().counts == {"deleted": 1}


def test_a_lead_made_by_the_call_that_was_under_way_is_deleted_too(org):
    ready(org)
    contact = person()
    with meanwhile(lambda: erased(contact)):
        run()
    assert len(org.leads()) == 1
    work()
    assert not org.leads()
    assert deletion().counts == {"deleted": 1}
    assert run().counts == {}


def test_it_waits_for_the_run_that_may_still_make_the_lead(org):
    ready(org)
    contact = person()
    held = take_lease()
    erased(contact)
    work()
    assert deletion().state == "waiting"
    later(minutes=1)
    assert deletion().state == "waiting"
    held.release()
    # Another run holds the lease by now: it has seen the tombstone.
    take_lease()
    later(minutes=2)
    assert deletion().counts == {"gone": 1}


def test_a_lead_whose_answer_got_lost_is_found_by_its_external_id(org):
    [one] = sent(org)
    LeadLink.objects.update(lead_id="", org_id="", state=State.NEW)
    assert erased(one).leads == 0
    work()
    assert not org.leads()
    assert deletion().counts == {"deleted": 1}


def test_the_second_lead_of_a_merged_contact_is_deleted_too(org):
    one, two = sent(org, "One", "Two")
    merge(one.pk, two.pk)
    assert erased(one).leads == 2
    work()
    assert not org.leads()


def test_cancelled_it_deletes_nothing_and_that_is_said(org, admin_client):
    [one] = sent(org)
    erased(one)
    assert cancel(deletion())
    work()
    [lead] = org.leads()
    page = admin_client.get(reverse("wagtail_salesforce:attention")).content.decode()
    assert "somebody cancelled the deletion of its lead" in page
    assert lead["Id"] in page
