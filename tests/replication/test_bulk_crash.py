"""A worker that dies at any step of a Bulk job: nothing is lost, nothing is doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import JOBS, assert_each_has_one_lead, one_slice, states
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import bulk_fill, bulk_jobs, bulk_reading, due
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.lease import identity
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.replication.tasks import reconcile_daily
from wagtail_salesforce.salesforce.bulk import BulkJobs


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]


class Killed(BaseException):
    """What `kill -9` would do, as far as a test can."""


def die(monkeypatch, owner, name, *, after=False, skip=0):
    """Let the process end before (or after) so many uses of a function."""
    original, uses = getattr(owner, name), []

    def dying(*args, **kwargs):
        uses.append(True)
        if len(uses) <= skip:
            return original(*args, **kwargs)
        if after:
            original(*args, **kwargs)
        monkeypatch.setattr(owner, name, original)
        raise Killed

    monkeypatch.setattr(owner, name, dying)


MIDDLE = "in the middle of the results"
STEPS = {
    "before any row is marked": (bulk_fill, "mark", {}),
    "between mark and file": (bulk_fill, "mark", {"after": True}),
    "in the middle of filling": (bulk_fill, "mark", {"skip": 1}),
    "before create": (BulkJobs, "create", {}),
    "after create, unanswered": (BulkJobs, "create", {"after": True}),
    "before upload": (BulkJobs, "upload", {}),
    "after upload": (BulkJobs, "upload", {"after": True}),
    "before close": (BulkJobs, "close", {}),
    "after close": (BulkJobs, "close", {"after": True}),
    "before the first look": (BulkJobs, "look", {}),
    "after the job has ended": (BulkJobs, "look", {"after": True}),
    "while results are fetched": (BulkJobs, "save_results", {"after": True}),
    "before the first results are recorded": (Recorder, "record_in_job", {}),
    MIDDLE: (Recorder, "record_in_job", {"skip": 1, "after": True}),
    "before the rest is put back": (bulk_jobs, "put_back", {}),
    "after all but the job's own end": (bulk_jobs, "put_back", {"after": True}),
}


def rename_some():
    """Edits while nobody is at work."""
    for contact in Contact.objects.order_by("pk")[::3]:
        contact.last_name = f"Edited {contact.pk}"
        contact.save()


CASES = [(step, "upsert") for step in STEPS] + [
    (step, "update") for step in ("in the middle of filling", "after close", MIDDLE)
]


@pytest.mark.parametrize(("step", "operation"), CASES)
def test_a_crash_loses_and_doubles_nothing(org, monkeypatch, step, operation):
    monkeypatch.setattr(bulk_reading, "WINDOW", 4)
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 6)
    ready(org)
    make_contacts(12)
    if operation == "update":
        run()
        Contact.objects.update(last_name="Again")
        due.resend_all()
    owner, name, when = STEPS[step]
    die(monkeypatch, owner, name, **when)
    with pytest.raises(Killed):
        run()
    rename_some()
    assert run().state == "finished"
    assert_each_has_one_lead(org)
    assert run().api_calls == 0


@pytest.mark.parametrize("dies_at", ["abort", "look"])
def test_one_that_dies_after_aborting_a_job_is_no_failure_of_the_job(org, monkeypatch, dies_at):
    """Nobody has closed it, so that we aborted it ourselves; nothing is wrong with Bulk."""
    ready(org)
    make_contacts(12)
    die(monkeypatch, BulkJobs, "close")
    with pytest.raises(Killed):
        run()
    die(monkeypatch, BulkJobs, dies_at, after=True, skip=int(dies_at == "look"))
    with pytest.raises(Killed):
        run()
    assert run().state == "finished"
    assert states() == ["dropped", "done"]
    assert_each_has_one_lead(org)


@pytest.mark.parametrize("skip", range(4))
def test_a_lost_answer_doubles_nothing(org, monkeypatch, skip):
    """The one to the creation, to the upload, to the closing, to the first look."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    make_contacts(12)
    org.fault("drop_after", path=JOBS, count=1, skip=skip)
    first = run()
    assert first.reason in (None, "org_unavailable")
    rename_some()
    assert run().state == "finished"
    assert_each_has_one_lead(org)


def kill_the_holder():
    """The process that holds the lease is gone, and gave nothing back."""
    gone = identity().rsplit("|", 1)[0] + "|0"
    expires = timezone.now() + timedelta(minutes=2)
    Lease.objects.filter(name__startswith="replication-").update(owner=gone, expires_at=expires)
    return expires


def test_after_a_death_what_a_job_carries_is_sent_once_more(org):
    """A call of the dead one may land in the organization after the job."""
    ready(org)
    make_contacts(8, last_name="Newest")
    run()
    Contact.objects.update(last_name="Newer still")
    due.resend_all()
    expires = kill_the_holder()
    one_slice()
    assert BulkJob.objects.last().doubtful_until == expires
    with time_machine.travel(expires + timedelta(seconds=1)):
        first = org.leads()[0]
        org.change(first["Id"], LastName="Mid")
        run()
        assert {lead["LastName"] for lead in org.leads()} == {"Newer still"}
        assert_each_has_one_lead(org)


def test_rows_of_a_job_that_is_over_are_found_again_daily(org):
    ready(org)
    make_contacts(8)
    one_slice()
    BulkJob.objects.update(state="dropped")
    assert run().counts == {}
    reconcile_daily()
    assert run().counts == {"created": 8}
    assert_each_has_one_lead(org)


def test_rows_of_an_open_job_stay_in_it(org):
    ready(org)
    make_contacts(8)
    one_slice()
    reconcile_daily()
    assert LeadLink.objects.filter(job=BulkJob.objects.get().pk).count() == 8


def test_an_overtaken_worker_neither_begins_nor_records(org, monkeypatch):
    """It wakes up with its job uploaded, which another one has taken over meanwhile."""
    ready(org)
    make_contacts(8)
    original = BulkJobs.upload
    results = []

    def stall(self, job_id, file):
        original(self, job_id, file)
        monkeypatch.setattr(BulkJobs, "upload", original)
        Lease.objects.update(expires_at=timezone.now(), owner="elsewhere|1|1")
        results.append(run())
        # The upload has a thread of its own, and so this run a connection of its own.
        connection.close()

    monkeypatch.setattr(BulkJobs, "upload", stall)
    stalled = run()
    assert results[0].counts == {"created": 8}
    assert (stalled.state, stalled.counts) == ("stopped", {})
    assert states() == ["dropped", "done"]
    assert_each_has_one_lead(org)
