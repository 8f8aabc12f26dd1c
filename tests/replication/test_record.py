"""Recording outcomes: guarded by the version that was read, and by the lease."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ready import make_contacts
from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.lease import take_lease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings, Run
from wagtail_salesforce.replication.outcomes import Kind, Outcome
from wagtail_salesforce.replication.record import Recorder


pytestmark = pytest.mark.django_db

State = LeadLink.State
LEAD = "00Q000000000001AAA"
ORG = "00D000000000001AAA"


@pytest.fixture
def recorder():
    ReplicationSettings.objects.update_or_create(pk=1, defaults={"org_id": ORG})
    return Recorder(take_lease(), Run.objects.create(trigger="command").pk, ORG)


@pytest.fixture
def link():
    make_contacts(1)
    return LeadLink.objects.get()


def outcome(link, kind, **changes):
    return Outcome(kind, link.pk, link.contact_id, link.version, **changes)


def recorded(recorder, link, kind, **changes):
    recorder.record([outcome(link, kind, **changes)])
    return LeadLink.objects.get(pk=link.pk)


@pytest.mark.parametrize("kind", [Kind.CREATED, Kind.UPDATED])
def test_accepted(recorder, link, kind):
    due.retry(LeadLink.objects.all())
    after = recorded(recorder, link, kind, lead_id=LEAD, fingerprint="f" * 32)
    assert (after.state, after.lead_id, after.org_id) == (State.REPLICATED, LEAD, ORG)
    assert (after.due_at, after.synced_version, after.attempts) == (None, link.version, 0)
    assert after.fingerprint == "f" * 32
    assert after.run_id == recorder.run_id
    assert abs(after.replicated_at - timezone.now()) < timedelta(minutes=1)


def test_an_edit_meanwhile_stays_due(recorder, link):
    link.contact.save()
    after = recorded(recorder, link, Kind.CREATED, lead_id=LEAD)
    assert after.lead_id == LEAD
    assert after.synced_version == link.version < after.version
    assert after.due_at is not None


def test_a_suspension_of_an_older_version_does_not_hold(recorder, link):
    link.contact.save()
    after = recorded(recorder, link, Kind.SUSPENDED, code="STRING_TOO_LONG", attempts=1)
    assert (after.state, after.last_error_code) == (State.NEW, "STRING_TOO_LONG")
    assert after.due_at is not None
    assert after.suspended_at is None


def test_suspended(recorder, link):
    after = recorded(recorder, link, Kind.SUSPENDED, code="C" * 200, message="m" * 2000, attempts=1)
    assert (after.state, after.due_at, after.attempts) == (State.SUSPENDED, None, 1)
    assert (len(after.last_error_code), len(after.last_error_message)) == (100, 1000)
    assert after.suspended_at is not None


def test_excluded_even_when_edited_meanwhile(recorder, link):
    link.contact.save()
    after = recorded(
        recorder, link, Kind.EXCLUDED, excluded_reason="merged", surviving_lead_id=LEAD
    )
    assert (after.state, after.excluded_reason, after.due_at) == (State.EXCLUDED, "merged", None)
    assert after.surviving_lead_id == LEAD


def test_released_and_postponed(recorder, link):
    assert recorded(recorder, link, Kind.RELEASED).due_at is None
    after = recorded(recorder, link, Kind.POSTPONED, wait=timedelta(minutes=4), attempts=3)
    assert timedelta(minutes=3) < after.due_at - timezone.now() <= timedelta(minutes=4)
    assert (after.state, after.attempts) == (State.NEW, 3)


def test_renewed_is_due_without_a_lead(recorder, link):
    LeadLink.objects.update(lead_id=LEAD, state=State.REPLICATED)
    after = recorded(recorder, link, Kind.RENEWED)
    assert (after.state, after.lead_id) == (State.NEW, "")
    assert after.due_at <= timezone.now()


def test_a_contact_excluded_or_erased_meanwhile_stays_so_but_its_lead_is_known(recorder, link):
    due.exclude(LeadLink.objects.all())
    after = recorded(recorder, link, Kind.CREATED, lead_id=LEAD)
    assert (after.state, after.excluded_reason) == (State.EXCLUDED, "by_hand")
    assert (after.lead_id, after.due_at) == (LEAD, None)
    link.contact.delete()
    after = recorded(recorder, link, Kind.UPDATED, lead_id=LEAD)
    assert (after.state, after.due_at) == (State.ERASED, None)


def test_nothing_is_recorded_under_a_lost_lease(recorder, link):
    Lease.objects.update(token=99)
    with pytest.raises(LeaseLost):
        recorded(recorder, link, Kind.CREATED, lead_id=LEAD)
    assert LeadLink.objects.get().lead_id == ""


def test_with_several_workers_only_claimed_rows_are_recorded(link):
    LeadLink.objects.update(claimed_by="someone else")
    ReplicationSettings.objects.update_or_create(pk=1, defaults={"org_id": ORG})
    recorder = Recorder(take_lease(), Run.objects.create(trigger="command").pk, ORG, "us")
    assert recorded(recorder, link, Kind.CREATED, lead_id=LEAD).lead_id == ""
    LeadLink.objects.update(claimed_by="us")
    after = recorded(recorder, link, Kind.CREATED, lead_id=LEAD)
    assert (after.lead_id, after.claimed_by) == (LEAD, "")


def test_a_thousand_mixed_outcomes_take_one_statement(recorder):
    make_contacts(1000)
    kinds = list(Kind)
    links = list(LeadLink.objects.order_by("-pk"))
    outcomes = [outcome(link, kinds[i % len(kinds)], lead_id=LEAD) for i, link in enumerate(links)]
    with CaptureQueriesContext(connection) as captured:
        recorder.record(outcomes)
    assert len(captured) == 1
    assert LeadLink.objects.filter(lead_id=LEAD).count() == 250
