"""One Bulk job in trouble: it keeps nobody else from Salesforce, and people are told of it."""

from __future__ import annotations

import pytest

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import (
    COMPOSITE,
    JOBS,
    assert_each_has_one_lead,
    one_slice,
    states,
)
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import bulk_fill, bulk_run
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import Incident, LeadLink, Lease
from wagtail_salesforce.signals import before_batch


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps", "no_pauses")]

#: A look at a job, and one of its files of results.
PLACES = [f"{JOBS}/750", "Results"]
TROUBLE = [
    ({"kind": "unavailable_html"}, "org_unavailable"),
    ({"kind": "request_error", "status": 400, "code": "INVALIDJOBSTATE"}, "request_refused"),
    ({"kind": "request_error", "status": 403, "code": "INSUFFICIENT_ACCESS"}, "access_denied"),
]


@pytest.fixture
def no_pauses(monkeypatch):
    """Calls are repeated at once."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture
def stuck(org):
    """Eight contacts in a job that Salesforce has not begun with, and one that is new."""
    ready(org)
    make_contacts(8)
    assert one_slice().more
    Contact.objects.create(email="new@example.org", last_name="New")
    org.clear_calls()


def names(org):
    return {lead["LastName"] for lead in org.leads()}


def carried(job):
    """How many rows are in the job still."""
    return LeadLink.objects.filter(job=job.pk).count()


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(("fault", "reason"), TROUBLE)
def test_a_job_that_cannot_be_looked_at_keeps_nobody_else(org, stuck, path, fault, reason):
    org.fault(**fault, path=path, count=1000)
    for _ in range(3):
        result = run()
        assert (result.state, result.reason) == ("stopped", reason)
        assert "New" in names(org)
    assert [call["rows"] for call in org.calls(path=COMPOSITE)] == [1]
    assert (states(), carried(BulkJob.objects.get())) == (["closed"], 8)
    assert Incident.objects.get(ended_at=None).reason == reason
    org.clear_faults()
    assert run().state == "finished"
    assert_each_has_one_lead(org)


@pytest.mark.parametrize(("fault", "reason"), TROUBLE)
def test_a_job_that_nobody_saw_closed_keeps_nobody_else_either(org, stuck, fault, reason):
    BulkJob.objects.update(state="making")
    org.fault(**fault, path=JOBS, count=1000)
    assert run().reason == reason
    assert names(org) == {"New"}
    assert (states(), carried(BulkJob.objects.get())) == (["making"], 8)
    org.clear_faults()
    assert run().state == "finished"
    assert_each_has_one_lead(org)


@pytest.mark.parametrize("kind", ["unavailable_html", "drop_before"])
def test_an_org_that_is_away_stops_the_run_with_few_calls(org, stuck, kind):
    org.fault(kind, path="/services/data", count=1000)
    assert run().reason == "org_unavailable"
    org.clear_faults()
    # Of the job and of a lead, four times each.
    assert len(org.calls()) <= 8
    assert names(org) == set()
    assert not LeadLink.objects.filter(attempts__gt=0).exists()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("total_limit", "request_limit"), ("api_disabled", "api_disabled")],
)
def test_what_holds_for_all_calls_stops_the_run_at_once(org, stuck, kind, reason):
    org.fault(kind, path=f"{JOBS}/750", count=1)
    assert run().reason == reason
    assert len(org.calls(counted=True)) <= 1
    assert names(org) == set()


def test_while_a_job_cannot_be_looked_at_no_other_is_begun(org, stuck):
    org.fault("unavailable_html", path=f"{JOBS}/750", count=1000)
    for _ in range(3):
        make_contacts(8, email="", email_key=None)
        assert run().reason == "org_unavailable"
    assert (states(), len(org.leads())) == (["closed"], 25)
    org.clear_faults()
    assert run().state == "finished"
    assert_each_has_one_lead(org)
    make_contacts(8, email="", email_key=None)
    assert run().counts == {"created": 8}
    assert states() == ["done", "done"]


def test_nor_by_another_worker_that_has_not_looked_itself(org, stuck, settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 2}
    make_contacts(8, email="", email_key=None)
    org.fault("unavailable_html", path=f"{JOBS}/750", count=1000)
    results = []

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        make_contacts(8, email="", email_key=None)
        results.append(run())

    before_batch.connect(receiver)
    results.append(run())
    assert [result.reason for result in results] == [None, "org_unavailable"]
    assert (states(), len(org.leads())) == (["closed"], 17)


def test_what_no_job_is_begun_for_any_more_goes_by_composite(org, monkeypatch):
    """Three jobs are under way, and others are to be filled, when none can be looked at."""
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 300)
    monkeypatch.setattr(bulk_fill, "ROWS", 300)
    ready(org)
    org.options(bulk_rows_at_once=1)
    make_contacts(1500)
    path = f"{JOBS}/750"
    monkeypatch.setattr(
        bulk_run, "sleep", lambda seconds: org.fault("unavailable_html", path=path, count=1000)
    )
    assert run().reason == "org_unavailable"
    assert states() == ["closed"] * 3
    assert sum(call["rows"] for call in org.calls(path=COMPOSITE)) == 600


def test_a_job_beside_it_is_waited_for_and_finished(org, monkeypatch):
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 300)
    monkeypatch.setattr(bulk_fill, "ROWS", 300)
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(600)

    def sleep(seconds):
        first = BulkJob.objects.order_by("pk")[0]
        org.fault("unavailable_html", path=first.salesforce_id, count=1000)

    monkeypatch.setattr(bulk_run, "sleep", sleep)
    result = run()
    assert (result.reason, result.counts) == ("org_unavailable", {"created": 300})
    assert states() == ["closed", "done"]
    org.clear_faults()
    monkeypatch.setattr(bulk_run, "sleep", lambda seconds: None)
    assert run().counts == {"created": 300}
    assert_each_has_one_lead(org)


def test_the_next_look_comes_later_each_time(org, stuck):
    org.fault("unavailable_html", path=f"{JOBS}/750", count=1000)
    waits = []
    for _ in range(3):
        run()
        job = BulkJob.objects.get()
        waits.append(round((job.next_poll_at - Lease.objects.get().expires_at).total_seconds()))
    assert waits == [1, 2, 4]
    assert BulkJob.objects.get().polls == 3


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_an_upload_that_breaks_off_once_leaves_its_rows_to_composite(org, kind):
    ready(org)
    make_contacts(8)
    org.fault(kind, path="/batches", count=1)
    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 8})
    assert states() == ["dropped"]
    assert_each_has_one_lead(org)
    make_contacts(8, email="", email_key=None)
    assert run().counts == {"created": 8}
    assert states() == ["dropped", "done"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_before", "path": "/batches"},
        {"kind": "drop_after", "path": "/batches"},
        {"kind": "request_error", "path": JOBS, "status": 403, "code": "INSUFFICIENT_ACCESS"},
    ],
)
def test_jobs_that_always_break_off_are_given_up_for_the_day(org, monkeypatch, fault):
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 6)
    monkeypatch.setattr(bulk_fill, "ROWS", 6)
    ready(org)
    make_contacts(24)
    org.fault(**fault, count=1000)
    reasons = [run().reason for _ in range(3)]
    assert len(org.leads()) == 24
    made = len(states())
    assert made <= 2
    make_contacts(24, email="", email_key=None)
    org.clear_faults()
    assert (reasons[-1], run().state) == (None, "finished")
    assert len(states()) == made
    assert_each_has_one_lead(org)


def test_an_outage_during_uploads_says_nothing_of_bulk(org):
    ready(org)
    make_contacts(8)
    for _ in range(3):
        org.fault("drop_before", path="/batches", count=1)
        org.fault("unavailable_html", path="/query", count=4)
        assert run().reason == "org_unavailable"
    assert run().counts == {"created": 8}
    assert states() == ["dropped", "dropped", "dropped", "done"]
    assert_each_has_one_lead(org)


@pytest.fixture
def abandoned(org):
    """Eight contacts in a job whose upload an outage broke off, so that nobody holds it."""
    ready(org)
    made = make_contacts(8)
    org.fault("drop_before", path="/batches", count=1)
    org.fault("unavailable_html", path="/query", count=4)
    assert run().reason == "org_unavailable"
    assert states() == ["making"]
    return made


def test_one_contact_alone_leaves_a_job_that_nobody_closed(org, abandoned):
    result = run(contact_id=abandoned[0].pk)
    assert (result.state, result.counts) == ("finished", {"created": 1})
    assert states() == ["dropped"]
    assert run().counts == {"created": 7}
    assert_each_has_one_lead(org)


def test_one_contact_in_no_job_leaves_jobs_alone(org, abandoned):
    other = Contact.objects.create(email="one@example.org", last_name="One")
    org.clear_calls()
    assert run(contact_id=other.pk).counts == {"created": 1}
    assert (states(), org.calls(path=JOBS)) == (["making"], [])


def test_one_contact_alone_is_told_why_it_waits(org, abandoned):
    org.fault("unavailable_html", path=JOBS, count=1000)
    assert run(contact_id=abandoned[0].pk).reason == "org_unavailable"
    assert (states(), org.leads()) == (["making"], [])
