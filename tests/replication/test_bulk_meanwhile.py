"""What happens to contacts while their Bulk job is under way."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import (
    COMPOSITE,
    JOBS,
    assert_each_has_one_lead,
    one_slice,
    states,
)
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job
from wagtail_salesforce.practice_org.ids import make
from wagtail_salesforce.replication import bulk_run, due
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.signals import before_batch


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]

State = LeadLink.State
ORG = make("00D", 77)


@pytest.fixture
def contacts(org):
    """Eight contacts in a job that Salesforce has not begun with."""
    ready(org)
    made = make_contacts(8)
    assert one_slice().more
    return made


def do_job():
    """One step of the job that deletes leads, whether or not its time has come."""
    Job.objects.update(run_at=timezone.now())
    return run_job(Job.objects.get(kind="delete_leads").pk)


def link_of(contact):
    return LeadLink.objects.get(contact=contact.pk)


def test_rows_of_an_open_job_are_sent_by_nobody_else(org, contacts):
    assert run(contact_id=contacts[0].pk).counts == {}
    assert org.calls(path=COMPOSITE) == []
    assert org.leads() == []


def test_an_edit_goes_after_the_job(org, contacts):
    contacts[0].last_name = "Latest"
    contacts[0].save()
    assert run().counts == {"created": 8, "updated": 1}
    assert_each_has_one_lead(org)


def test_new_contacts_do_not_wait_for_the_job(org, naps, monkeypatch):
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(250)
    one_slice()
    seen = []
    Contact.objects.create(email="new@example.org", last_name="New")
    monkeypatch.setattr(bulk_run, "sleep", lambda seconds: seen.append(org.count_leads()))
    assert run().counts == {"created": 251}
    assert seen == [201]
    assert_each_has_one_lead(org)


def test_an_erased_contact_leaves_a_tombstone_that_knows_its_lead(org, contacts):
    link = link_of(contacts[0])
    erase([contacts[0].pk])
    assert run().counts == {"created": 8}
    link.refresh_from_db()
    lead = next(lead for lead in org.leads() if lead["Id"] == link.lead_id)
    assert (link.state, link.contact_id, link.job, link.fingerprint) == (
        State.ERASED,
        None,
        None,
        "",
    )
    assert lead["LastName"] == contacts[0].last_name
    assert run().counts == {}
    assert len(org.leads()) == 8


def test_a_lead_is_deleted_once_its_job_is_over(org):
    ready(org)
    org.options(bulk_rows_at_once=200)
    contacts = make_contacts(250)
    one_slice()
    link = link_of(contacts[-1])
    erase([contacts[-1].pk], delete_leads=True)
    do_job()
    assert Job.objects.get(kind="delete_leads").state == Job.State.WAITING
    assert run().counts == {"created": 250}
    do_job()
    link.refresh_from_db()
    assert (link.state, link.lead_id, len(org.leads())) == (State.ERASED, "", 249)


def test_a_job_that_no_run_comes_for_does_not_hold_up_a_deletion_for_ever(org, contacts):
    link = link_of(contacts[0])
    ReplicationSettings.objects.update(enabled=False)
    erase([contacts[0].pk], delete_leads=True)
    for _ in range(3):
        # Each look lets the practice org go on with the job.
        do_job()
    assert len(org.leads()) == 7
    ReplicationSettings.objects.update(enabled=True)
    assert run().counts == {"created": 7}
    link.refresh_from_db()
    assert (link.state, link.lead_id) == (State.ERASED, "")


@pytest.mark.parametrize(("status", "code"), [(400, "INVALIDJOB"), (405, "METHOD_NOT_ALLOWED")])
def test_a_look_that_is_refused_is_no_word_that_no_lead_comes(org, contacts, status, code):
    link = link_of(contacts[0])
    erase([contacts[0].pk], delete_leads=True)
    org.fault("request_error", path=f"{JOBS}/750", status=status, code=code, count=1)
    do_job()
    assert Job.objects.get(kind="delete_leads").state == Job.State.WAITING
    run()
    do_job()
    link.refresh_from_db()
    assert (link.state, link.lead_id, len(org.leads())) == (State.ERASED, "", 7)


def test_two_contacts_merged_become_one_lead(org, contacts):
    other = Contact.objects.create(email="other@example.org", last_name="Other")
    merge(other.pk, contacts[0].pk)
    run()
    link = link_of(other)
    [lead] = [lead for lead in org.leads() if lead["Id"] == link.lead_id]
    assert (lead["LastName"], len(org.leads())) == ("Other", 8)
    assert not LeadLink.objects.filter(excluded_reason="second").exclude(lead_id="").exists()


def test_an_excluded_contact_stays_excluded(org, contacts):
    due.exclude(LeadLink.objects.filter(contact=contacts[0]))
    assert run().counts == {"created": 8}
    link = link_of(contacts[0])
    assert (link.state, link.due_at, link.job) == (State.EXCLUDED, None, None)
    assert link.lead_id
    due.include(LeadLink.objects.filter(contact=contacts[0]))
    assert run().counts == {"updated": 1}


def test_starting_over_forgets_the_jobs_of_the_former_org(org, contacts):
    job = BulkJob.objects.get()
    org.options(org_id=ORG)
    due.start_over(ORG)
    assert not LeadLink.objects.filter(job__isnull=False).exists()
    job.refresh_from_db()
    assert (job.state, bool(job.ended_at)) == ("dropped", True)
    from tests.connecting import connect

    connect(org)
    assert run().counts == {"created": 8}
    assert_each_has_one_lead(org)


def test_who_is_erased_or_excluded_while_a_job_is_filled_is_not_in_it(org):
    ready(org)
    first, second, *_rest = make_contacts(9)

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        erase([first.pk])
        due.exclude(LeadLink.objects.filter(contact=second.pk))

    before_batch.connect(receiver)
    assert run().counts == {"created": 7}
    assert {first.last_name, second.last_name}.isdisjoint(lead["LastName"] for lead in org.leads())


def test_an_edit_between_reading_and_marking_goes_after_the_job(org):
    ready(org)
    contacts = make_contacts(8)

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        contacts[0].last_name = "Latest"
        contacts[0].save()

    before_batch.connect(receiver)
    assert run().counts == {"created": 8, "updated": 1}
    assert_each_has_one_lead(org)


def test_settings_saved_while_a_job_is_filled_end_the_slice_and_lose_nobody(org):
    settings = ready(org)
    make_contacts(9)

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        settings.default_company_name = "Nobody's"
        settings.save()

    before_batch.connect(receiver)
    run()
    run()
    assert_each_has_one_lead(org)


def test_several_workers_share_a_backlog_and_no_row(org, settings, monkeypatch):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 2}
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 20)
    ready(org)
    make_contacts(60)
    results = []

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        results.append(run())

    before_batch.connect(receiver)
    results.append(run())
    assert sum(result.counts["created"] for result in results) == 60
    assert all(result.counts["created"] for result in results)
    sent = sum(BulkJob.objects.values_list("rows", flat=True))
    sent += sum(call["rows"] or 0 for call in org.calls(path=COMPOSITE))
    assert sent == 60
    assert_each_has_one_lead(org)


def test_an_open_job_is_finished_by_one_of_several_workers(org, settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 2}
    ready(org)
    make_contacts(8)
    one_slice()
    results = []

    def receiver(**kwargs):
        before_batch.disconnect(receiver)
        results.append(run())

    Contact.objects.create(email="new@example.org", last_name="New")
    before_batch.connect(receiver)
    results.append(run())
    assert [result.counts["created"] for result in results] == [0, 9]
    fetched = [call["path"] for call in org.calls(path=JOBS) if "Results" in call["path"]]
    assert len(fetched) == 1
    assert states() == ["done"]
    assert_each_has_one_lead(org)
