"""Backlogs by Bulk API 2.0: what arrives, what is recorded, what it costs."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from tests.replication.bulk_help import (
    COMPOSITE,
    JOBS,
    assert_each_has_one_lead,
    one_slice,
    states,
)
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.replication import bulk_csv, bulk_fill, bulk_run, due
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.salesforce.bulk import BulkJob as Told


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]

State = LeadLink.State
RULE = {"id": "01Q000000000001AAA", "owner_id": "005000000000002AAA"}


def threshold(settings, value):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "BULK_THRESHOLD": value}


def rename(contacts=None, **values):
    """Edit contacts the quick way and mark them."""
    found = Contact.objects.all() if contacts is None else contacts
    found.update(**{"last_name": "Renamed", **values})
    due.resend_all()


def test_a_backlog_goes_by_bulk_and_later_edits_too(org):
    ready(org)
    make_contacts(12, job_title='Head of "R&D", Leeds\nDr')
    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 12})
    assert_each_has_one_lead(org)
    assert {lead["Title"] for lead in org.leads()} == {'Head of "R&D", Leeds Dr'}
    rename(city="")
    assert run().counts == {"updated": 12}
    assert_each_has_one_lead(org)
    assert [job.operation for job in BulkJob.objects.order_by("pk")] == ["upsert", "update"]
    assert org.calls(path=COMPOSITE) == []


def test_what_is_empty_is_cleared_on_update_and_left_out_on_create(org):
    ready(org)
    make_contacts(8, city="Leeds", job_title="")
    run()
    assert {lead["Title"] for lead in org.leads()} == {None}
    rename(city="")
    run()
    assert {(lead["City"], lead["LastName"]) for lead in org.leads()} == {(None, "Renamed")}


@pytest.mark.parametrize(("value", "jobs"), [(11, 1), (12, 0), (0, 0), (None, 0)])
def test_only_more_than_the_threshold_go_by_bulk(org, settings, value, jobs):
    threshold(settings, value)
    ready(org)
    make_contacts(12)
    assert run().counts == {"created": 12}
    assert BulkJob.objects.count() == jobs
    assert bool(org.calls(path=COMPOSITE)) is not bool(jobs)


def test_a_kind_with_few_rows_is_not_worth_a_job(org):
    ready(org)
    make_contacts(12)
    run()
    rename()
    Contact.objects.create(email="new@example.org", last_name="New")
    assert run().counts == {"updated": 12, "created": 1}
    assert states() == ["done", "done"]
    assert_each_has_one_lead(org)


def test_a_job_costs_five_calls_and_some_looks(org, naps):
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(1000)
    result = run()
    assert result.counts == {"created": 1000}
    calls = Counter(call["method"] for call in org.calls(counted=True, path=JOBS))
    # Five looks at 200 rows each; and one file of results, as no row has failed.
    assert calls == {"POST": 1, "PUT": 1, "PATCH": 1, "GET": 6}
    assert BulkJob.objects.get().polls == 4
    assert len(naps) == 4


def test_looks_get_rarer_but_are_not_missed():
    busy = Told("750000000000001", "InProgress")
    waits = [bulk_run.wait_after(polls, busy, 1000, 1.0) for polls in range(8)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    half = Told("750000000000001", "InProgress", processed=500)
    assert bulk_run.wait_after(6, half, 1000, 12.0) == 12
    assert bulk_run.wait_after(6, half, 1000, 0.1) == 1
    assert bulk_run.wait_after(2, half, 1000, 500.0) == 4


@pytest.mark.parametrize("limit", ["ROWS", "MOST_BYTES"])
def test_no_job_is_larger_than_salesforce_takes(org, monkeypatch, limit):
    if limit == "MOST_BYTES":
        monkeypatch.setattr(bulk_csv, limit, 100_000)
    monkeypatch.setattr(bulk_fill, limit, 2000 if limit == "ROWS" else 100_000)
    ready(org)
    make_contacts(4500)
    assert run().counts == {"created": 4500}
    rows = list(BulkJob.objects.order_by("pk").values_list("rows", flat=True))
    assert (sum(rows), len(rows)) == (4500, 3) if limit == "ROWS" else len(rows) > 2
    assert set(states()) == {"done"}
    assert_each_has_one_lead(org)


def test_a_field_that_only_some_write_begins_another_job(org, monkeypatch):
    from wagtail_salesforce.replication import claim
    from wagtail_salesforce.replication.extensions import (
        register_payload_hook,
        unregister_payload_hook,
    )

    monkeypatch.setattr(claim, "WINDOW", 6)
    ready(org)
    make_contacts(18)

    @register_payload_hook
    def add(leads):
        for lead in leads:
            if lead.payload["LastName"] in {"Person 16", "Person 17"}:
                lead.payload["Website"] = "https://example.org"

    try:
        assert run().counts == {"created": 18}
    finally:
        unregister_payload_hook(add)
    assert len(states()) > 1
    sites = {lead["LastName"]: lead["Website"] for lead in org.leads()}
    assert sites["Person 16"] == "https://example.org"
    assert sites["Person 1"] is None


def test_a_row_that_is_refused_suspends_its_contact_only(org):
    ready(org)
    make_contacts(8)
    Contact.objects.filter(last_name="Person 3").update(email="not an address")
    assert run().counts == {"created": 7, "suspended": 1}
    link = LeadLink.objects.get(state=State.SUSPENDED)
    assert (link.last_error_code, link.job, link.due_at) == ("INVALID_EMAIL_ADDRESS", None, None)
    assert "not an address" not in link.last_error_message
    assert org.calls(path=COMPOSITE) == []


@pytest.mark.parametrize(("policy", "made_anew"), [("exclude", 0), ("create", 1)])
def test_converted_deleted_and_merged_leads(org, policy, made_anew):
    ready(org, deleted_leads=policy)
    make_contacts(9)
    run()
    converted, deleted, merged, other, *_rest = org.leads()
    org.convert(converted["Id"])
    org.delete(deleted["Id"])
    org.merge(merged["Id"], into=other["Id"])
    rename()
    counts = run().counts
    assert (counts["updated"], counts["excluded"], counts["created"]) == (
        6,
        3 - made_anew,
        made_anew,
    )
    link = LeadLink.objects.get(lead_id=merged["Id"])
    assert (link.excluded_reason, link.surviving_lead_id) == ("merged", other["Id"])
    assert LeadLink.objects.get(lead_id=converted["Id"]).excluded_reason == "converted"
    assert states() == ["done", "done"]


def test_locked_rows_go_by_composite_in_the_same_run(org):
    ready(org)
    make_contacts(8)
    locked = LeadLink.objects.values_list("external_id", flat=True)[2]
    org.fault("row_lock", count=1, external_ids=[locked])
    assert run().counts == {"created": 8}
    assert [call["rows"] for call in org.calls(path=COMPOSITE)] == [1]
    assert BulkJob.objects.get().left == 1
    assert_each_has_one_lead(org)


@pytest.mark.parametrize(("policy", "outcome"), [("suspend", "suspended"), ("save", "created")])
def test_duplicates_are_saved_anyway_by_composite(org, policy, outcome):
    ready(org, duplicates=policy)
    Contact.objects.create(email="first@example.org", last_name="First")
    run()
    org.options(duplicate_rule={"match": ["Email"], "action": "allow_alert"})
    make_contacts(8)
    Contact.objects.filter(last_name="Person 5").update(email="first@example.org")
    assert run().counts == Counter(created=7) + Counter({outcome: 1})
    assert len(org.leads()) == 8 + (outcome == "created")


def test_what_csv_cannot_say_goes_by_composite(org):
    from wagtail_salesforce.replication.extensions import (
        register_payload_hook,
        unregister_payload_hook,
    )

    ready(org)
    make_contacts(10)
    Contact.objects.filter(last_name="Person 3").update(city="#N/A")

    @register_payload_hook
    def spoil(leads):
        for lead in leads:
            if lead.payload["LastName"] == "Person 4":
                lead.payload["NumberOfEmployees"] = "many"

    try:
        assert run().counts == {"created": 9, "suspended": 1}
    finally:
        unregister_payload_hook(spoil)
    cities = {lead["LastName"]: lead["City"] for lead in org.leads()}
    assert cities["Person 3"] == "#N/A"
    assert LeadLink.objects.get(state=State.SUSPENDED).last_error_code == "JSON_PARSER_ERROR"


@pytest.mark.parametrize("rule", ["off", RULE["id"], "active"])
def test_the_assignment_rule_of_a_job(org, rule):
    org.options(assignment_rule=RULE)
    ready(org, assignment_rule=rule)
    make_contacts(8)
    assert run().counts == {"created": 8}
    owners = {lead["OwnerId"] for lead in org.leads()}
    assert (owners == {RULE["owner_id"]}) is (rule != "off")
    # A Bulk job knows rules by their id only.
    assert len(states()) == (0 if rule == "active" else 1)


def test_shortened_values_are_told_on_the_timeline(org):
    ready(org)
    make_contacts(8)
    Contact.objects.filter(last_name="Person 2").update(city="Y" * 90)
    run()
    note = Activity.objects.get(type="lead_shortened")
    assert note.contact.last_name == "Person 2"
    assert "City" in note.title
    assert "90" in note.comment


def test_unchanged_contacts_are_in_no_job(org):
    ready(org)
    make_contacts(12)
    run()
    org.clear_calls()
    due.resend_all()
    assert run().counts == {"unchanged": 12}
    assert org.calls(counted=True) == []
    assert len(states()) == 1


def test_the_statements_of_a_job_are_few(org):
    def statements(count):
        make_contacts(count, email="", email_key=None)
        with CaptureQueriesContext(connection) as captured:
            assert run().counts == {"created": count}
        erase(list(Contact.objects.values_list("pk", flat=True)))
        return len(captured)

    ready(org)
    one, three = statements(1000), statements(3000)
    assert (three - one) / 2 <= 12


def test_one_contact_alone_does_not_wait_for_jobs(org, naps):
    ready(org)
    contacts = make_contacts(8)
    one_slice()
    from wagtail_salesforce.replication.by_hand import ask_for

    ask_for(contacts[0].pk)
    assert run(contact_id=contacts[0].pk).counts == {}
    other = Contact.objects.create(email="one@example.org", last_name="One")
    assert run(contact_id=other.pk).counts == {"created": 1}
    assert (states(), naps) == (["closed"], [])


def test_a_slice_that_is_over_leaves_its_job_to_the_next(org):
    ready(org)
    make_contacts(8)
    first = one_slice()
    assert (first.more, first.counts) == (True, {})
    assert set(LeadLink.objects.values_list("job", flat=True)) == {BulkJob.objects.get().pk}
    result = run(run_id=first.run_id)
    assert result.counts == {"created": 8}
    assert_each_has_one_lead(org)
    assert {lead[EXTERNAL_ID] for lead in org.leads()} == set(
        LeadLink.objects.values_list("external_id", flat=True)
    )


def test_with_nothing_due_an_open_job_is_finished(org):
    ready(org)
    make_contacts(8)
    one_slice()
    LeadLink.objects.update(due_at=None)
    assert run().counts == {"created": 8}
    assert states() == ["done"]


def test_salesforce_works_on_the_first_job_while_the_second_is_filled(org, monkeypatch):
    from wagtail_salesforce.replication import claim

    monkeypatch.setattr(claim, "WINDOW", 6)
    monkeypatch.setattr(bulk_fill, "ROWS", 12)
    ready(org)
    make_contacts(24)
    assert run().counts == {"created": 24}
    methods = [call["method"] for call in org.calls(counted=True, path=JOBS)]
    # Made, uploaded, closed, looked at, its results fetched: one after the other.
    assert methods == 2 * ["POST", "PUT", "PATCH", "GET", "GET"]
    assert_each_has_one_lead(org)


@pytest.fixture
def five_jobs(org, settings, monkeypatch):
    """Contacts for five jobs, each of which is done before the next is filled."""
    from wagtail_salesforce.replication import claim

    monkeypatch.setattr(claim, "WINDOW", 6)
    monkeypatch.setattr(bulk_fill, "ROWS", 12)
    ready(org)
    make_contacts(60)


def test_no_job_is_begun_that_the_reserve_would_not_let_end(org, five_jobs):
    org.set_allowance(max=100, used=58)
    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 60})
    # Twenty calls are put by for each job; what the reserve leaves of that is enough for the rest.
    assert states() == ["done"]
    assert_each_has_one_lead(org)


def test_after_a_job_that_came_to_little_no_other_is_filled(org, five_jobs):
    ReplicationSettings.objects.update(duplicates="save")
    org.options(duplicate_rule={"match": ["Company"], "action": "allow_alert"})
    assert run().counts == {"created": 60}
    assert states() == ["done"]
    assert len(org.leads()) == 60
