"""Recording outcomes: guarded by the version that was read, and by the lease."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ready import make_contacts
from wagtail_salesforce.contacts.erase import erase
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


@pytest.mark.parametrize(("inside", "recording", "recorded_one"), [(7, 0, 0), (0, 7, 0), (7, 7, 1)])
def test_rows_of_a_bulk_job_are_recorded_by_that_job_only(
    recorder, link, inside, recording, recorded_one
):
    LeadLink.objects.update(job=inside or None)
    of_job = replace(recorder, job=recording)
    after = recorded(of_job, link, Kind.CREATED, lead_id=LEAD)
    assert (after.state == State.REPLICATED) is bool(recorded_one)
    assert after.job == (None if recorded_one else inside or None)


def excluded_by_hand():
    due.exclude(LeadLink.objects.all())


def erased():
    erase([LeadLink.objects.get().contact_id])


@pytest.mark.parametrize("meanwhile", [None, due.resend_all, excluded_by_hand, erased])
@pytest.mark.parametrize("before", [{}, {"state": "suspended", "attempts": 2, "job_version": 7}])
def test_what_a_job_accepted_is_recorded_alike_by_either_way(recorder, link, meanwhile, before):
    """A bare row tells link and lead only; the statement finds the rest in the link."""
    marked = {"job": 7, "job_version": link.version, "job_fingerprint": "f" * 32}
    now = {"suspended_at": timezone.now(), "last_error_code": "X", "last_error_message": "Wrong."}
    LeadLink.objects.update(**{**marked, **before}, **now)
    if meanwhile:
        meanwhile()
    of_job = replace(recorder, job=7)
    link.refresh_from_db()
    told = Outcome(Kind.CREATED, link.pk, 0, link.job_version, LEAD, link.job_fingerprint)
    columns = LeadLink.objects.filter(pk=link.pk)
    ways = []
    with time_machine.travel(timezone.now(), tick=False):
        for record in (
            lambda: of_job.record([told]),
            lambda: of_job.record_in_job([(link.pk, LEAD)]),
        ):
            with contextlib.suppress(RuntimeError), transaction.atomic():
                record()
                ways.append(columns.values().get())
                raise RuntimeError
    assert ways[0] == ways[1]
    assert (ways[0]["lead_id"], ways[0]["job"]) == (LEAD, None)


@pytest.mark.parametrize("meanwhile", [None, due.resend_all, excluded_by_hand, erased])
def test_accepted_alone_or_among_others_is_recorded_alike(recorder, meanwhile):
    """Where all were accepted, a statement of its own tells less of each."""
    make_contacts(2)
    link, other = LeadLink.objects.order_by("pk")
    bad = {"state": "suspended", "attempts": 2, "last_error_code": "X", "last_error_message": "No."}
    LeadLink.objects.filter(pk=link.pk).update(**bad, suspended_at=timezone.now(), required=True)
    if meanwhile:
        due.exclude(LeadLink.objects.filter(pk=link.pk)) if meanwhile is excluded_by_hand else None
        erase([link.contact_id]) if meanwhile is erased else None
        due.resend_one(link.contact_id) if meanwhile is due.resend_all else None
    told = outcome(link, Kind.CREATED, lead_id=LEAD, fingerprint="f" * 32)
    beside = outcome(other, Kind.RELEASED)
    ways = []
    with time_machine.travel(timezone.now(), tick=False):
        for outcomes in ([told], [told, beside]):
            with contextlib.suppress(RuntimeError), transaction.atomic():
                recorder.record(outcomes)
                ways.append(LeadLink.objects.filter(pk=link.pk).values().get())
                raise RuntimeError
    assert ways[0] == ways[1]
    assert ways[0]["lead_id"] == LEAD


def test_bare_rows_of_another_job_or_lease_are_not_recorded(recorder, link):
    LeadLink.objects.update(job=7, job_version=1)
    replace(recorder, job=8).record_in_job([(link.pk, LEAD)])
    Lease.objects.update(token=99)
    with pytest.raises(LeaseLost):
        replace(recorder, job=7).record_in_job([(link.pk, LEAD)])
    assert LeadLink.objects.get().job == 7


def test_bare_rows_are_left_alone_while_a_dead_worker_may_still_be_sending(recorder, link):
    LeadLink.objects.update(job=7, job_version=1)
    until = timezone.now() + timedelta(minutes=1)
    assert not replace(recorder, job=7, doubtful_until=until).record_in_job([(link.pk, LEAD)])
    assert LeadLink.objects.get().job == 7
