"""What the replicator does about what Salesforce refuses, forgets, converts and deletes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import EXTERNAL_ID, PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import (
    Contact,
)
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


def link_of(contact: Contact) -> LeadLink:
    return LeadLink.objects.get(contact=contact)


def test_a_converted_lead_is_excluded_and_not_overwritten(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    org.convert(link_of(contact).lead_id)
    contact.last_name = "Two"
    contact.save()
    assert run().counts == {"excluded": 1}
    link = link_of(contact)
    assert (link.state, link.excluded_reason) == (State.EXCLUDED, "converted")
    assert org.leads()[0]["LastName"] == "One"


@pytest.mark.parametrize(("policy", "leads"), [("exclude", 0), ("create", 1)])
def test_a_deleted_lead_follows_the_policy(org, policy, leads):
    ready(org, deleted_leads=policy)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    org.delete(link_of(contact).lead_id)
    contact.last_name = "Two"
    contact.save()
    run()
    assert len(org.leads()) == leads
    link = link_of(contact)
    expected = (State.REPLICATED, "") if leads else (State.EXCLUDED, "deleted")
    assert (link.state, link.excluded_reason) == expected


def test_a_lead_merged_away_names_the_survivor(org):
    ready(org)
    first = Contact.objects.create(email="a@example.org", last_name="One")
    second = Contact.objects.create(email="b@example.org", last_name="Two")
    run()
    org.merge(link_of(second).lead_id, into=link_of(first).lead_id)
    second.last_name = "Three"
    second.save()
    run()
    link = link_of(second)
    assert (link.excluded_reason, link.surviving_lead_id) == ("merged", link_of(first).lead_id)


def test_locked_rows_alone_are_tried_again(org):
    ready(org)
    contacts = make_contacts(3)
    locked = link_of(contacts[1]).external_id
    org.fault("row_lock", count=1, external_ids=[locked])
    assert run().counts == {"created": 3}
    assert len(org.leads()) == 3


def test_a_lost_answer_makes_no_second_lead(org):
    ready(org)
    make_contacts(5)
    org.fault("drop_after", count=1, path="/composite")
    # The second upsert finds the leads of the first, so an update clears what it has left out.
    assert run().counts == {"created": 5, "updated": 5}
    assert len(org.leads()) == 5


def test_the_org_down_in_the_middle_of_a_run_loses_nothing(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org, batch_size=200)
    make_contacts(600)
    org.fault("unavailable_html", count=1000, path="/composite", skip=1)
    result = run()
    assert (result.state, result.reason) == ("stopped", "org_unavailable")
    done = LeadLink.objects.filter(state=State.REPLICATED).count()
    assert done == len(org.leads())
    org.clear_faults()
    assert run().state == "finished"
    assert len(org.leads()) == 600
    assert not LeadLink.objects.exclude(due_at=None).exists()


def test_the_daily_limit_stops_the_run_and_counts_against_nobody(org):
    ready(org, batch_size=200)
    make_contacts(600)
    org.fault("total_limit", path="/composite")
    result = run()
    assert (result.state, result.reason) == ("stopped", "request_limit")
    assert LeadLink.objects.filter(attempts=0, due_at__isnull=False).count() == 600


def test_the_reserve_is_exact(org):
    ready(org, batch_size=200, api_reserve_percent=20)
    make_contacts(1000)
    org.set_allowance(max=100, used=77)
    result = run()
    assert result.reason == "api_reserve"
    used = org.set_allowance()["used"]
    assert used == 80
    org.clear_calls()
    assert run().reason == "api_reserve"
    assert org.calls(counted=True) == []


def test_an_expired_session_is_refreshed_once(org):
    ready(org)
    make_contacts(5)
    org.expire_tokens()
    assert run().counts == {"created": 5}


def test_a_second_runner_leaves_at_once(org):
    from wagtail_salesforce.replication.lease import take_lease

    ready(org)
    make_contacts(1)
    Lease.objects.create(name="replication-0")
    held = take_lease()
    assert run().as_json()["state"] == "busy"
    held.release()
    assert run().counts == {"created": 1}


def test_a_part_refused_for_a_reason_that_is_no_row_stops_the_run(org):
    """The external id field vanishes while the fields of the org are still believed."""
    ready(org)
    make_contacts(450)
    run()
    Contact.objects.create(email="new@example.org", last_name="New")
    org.remove_field("Lead", EXTERNAL_ID)
    result = run()
    assert (result.state, result.reason) == ("stopped", "no_external_id")
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()


def test_a_full_org_stops_the_run_and_suspends_nobody(org):
    ready(org)
    make_contacts(5)
    org.fault("storage_limit", count=1)
    result = run()
    assert (result.state, result.reason) == ("stopped", "storage_limit")
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()
    org.clear_faults()
    run()
    assert len(org.leads()) == 5


@pytest.mark.parametrize(("policy", "counts"), [("suspend", "suspended"), ("save", "created")])
def test_the_duplicate_rule_follows_the_policy(org, policy, counts):
    org.options(duplicate_rule={"match": ["Email"], "action": "allow_alert"})
    ready(org, duplicates=policy)
    Contact.objects.create(email="a@example.org", last_name="One")
    run()
    other = Contact.objects.create(email="b@example.org", last_name="Two")
    LeadLink.objects.filter(contact=other).update(due_at=None)
    Contact.objects.filter(pk=other.pk).update(email="a@example.org")
    due.retry(LeadLink.objects.all())
    LeadLink.objects.filter(contact=other).update(due_at=timezone.now())
    assert run().counts == {counts: 1}


def test_seven_hundred_leads_deleted_at_once(org):
    """Their ids do not fit into one query's address."""
    ready(org)
    contacts = make_contacts(700)
    run()
    for lead in org.leads():
        org.delete(lead["Id"])
    Contact.objects.update(last_name="Renamed")
    due.resend_all()
    assert run().counts == {"excluded": 700}
    assert len(contacts) == 700


def test_a_failing_question_about_merged_leads_forgets_nothing_else(org):
    ready(org)
    make_contacts(5)
    run()
    org.delete(org.leads()[0]["Id"])
    Contact.objects.update(last_name="Renamed")
    due.resend_all()
    org.fault("api_disabled", path="/queryAll")
    result = run()
    assert (result.reason, result.counts) == ("api_disabled", {"updated": 4})
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 1
    org.clear_faults()
    assert run().counts == {"excluded": 1}


def test_a_lead_purged_from_the_recycle_bin_follows_the_policy(org):
    ready(org, deleted_leads="create")
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    LeadLink.objects.update(lead_id="00QPr0000000zzz", fingerprint="")
    contact.save()
    run()
    assert link_of(contact).lead_id in {lead["Id"] for lead in org.leads()}


def test_the_reserve_holds_also_for_repeated_calls(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org, batch_size=200, api_reserve_percent=20)
    make_contacts(1000)
    org.set_allowance(max=100, used=77)
    org.fault("truncate", path="/composite")
    result = run()
    assert result.reason in {"api_reserve", "org_unavailable"}
    assert org.set_allowance()["used"] <= 80


def test_a_refused_allowance_is_believed_for_an_hour(org):
    ready(org, batch_size=200)
    make_contacts(5)
    org.fault("total_limit", path="/composite")
    assert run().reason == "request_limit"
    org.clear_calls()
    assert run().reason == "api_reserve"
    assert org.calls() == []
    org.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert run().counts == {"created": 5}


def test_a_mapped_field_that_vanished_pauses_and_suspends_nobody(org):
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=50)
    fields = {**PLAIN, "Extra__c": {"source": "field", "name": "city"}}
    ready(org, fields=fields)
    make_contacts(450, city="Leeds")
    lead_describe()
    org.remove_field("Lead", "Extra__c")
    assert run().reason == "mapping_broken"
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()
    assert run().reason == "mapping_broken"
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=50)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert run().counts == {"created": 450}


def test_a_lead_that_was_made_meanwhile_is_found_on_the_second_try(org):
    ready(org)
    make_contacts(1)
    org.fault(
        "row_error",
        count=1,
        code="DUPLICATE_VALUE",
        message=f"duplicate value found: {EXTERNAL_ID} duplicates value on record with id: 00Q1",
    )
    assert run().counts == {"created": 1}


def test_a_lead_made_anew_does_not_need_its_points_again(org):
    score = Score.objects.create(name="Ready")
    settings = ready(org, deleted_leads="create", minimum_points=10)
    settings.choose_score(score)
    settings.save()
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    LeadLink.objects.update(required=True)
    run()
    LeadLink.objects.update(required=False)
    org.delete(link_of(contact).lead_id)
    contact.save()
    due.resend_all()
    Contact.objects.update(last_name="Two")
    run()
    assert [lead["LastName"] for lead in org.leads()] == ["Two"]
