"""Bulk jobs that Salesforce refuses, ends or forgets, and the API reserve."""

from __future__ import annotations

import pytest

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import (
    JOBS,
    assert_each_has_one_lead,
    delete_at_salesforce,
    one_slice,
    states,
)
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import LeadLink


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]

State = LeadLink.State


def test_a_failed_job_ends_the_run_by_its_name_and_is_not_made_again(org):
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(500)
    org.fault("job_failed", message="InternalServerError : x", count=1, skip=1)
    result = run()
    assert (result.state, result.reason, result.counts) == (
        "stopped",
        "bulk_failed",
        {"created": 200},
    )
    job = BulkJob.objects.get()
    assert (job.state, job.left, job.error) == ("failed", 300, "InternalServerError : x")
    assert LeadLink.objects.filter(due_at__isnull=False, job=None, attempts=0).count() == 300
    assert run().counts == {"created": 300}
    assert BulkJob.objects.count() == 1
    assert_each_has_one_lead(org)


def test_a_column_that_is_no_field_breaks_the_mapping_and_blames_nobody(org):
    from wagtail_salesforce.replication.extensions import (
        register_payload_hook,
        unregister_payload_hook,
    )

    ready(org)
    make_contacts(8)

    @register_payload_hook
    def spoil(leads):
        for lead in leads:
            lead.payload["Nothing__c"] = "x"

    try:
        assert run().reason == "mapping_broken"
        assert run().reason == "mapping_broken"
    finally:
        unregister_payload_hook(spoil)
    assert states() == ["failed"]
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()
    assert run().counts == {"created": 8}


def test_refused_jobs_leave_it_to_composite(org):
    ready(org)
    make_contacts(8)
    org.fault("request_error", path=JOBS, status=400, code="FEATURENOTENABLED", count=1)
    assert run().counts == {"created": 8}
    assert states() == ["failed"]
    assert_each_has_one_lead(org)


@pytest.mark.parametrize("step", ["/batches", "750"])
def test_a_job_whose_upload_is_refused_is_given_up(org, step):
    ready(org)
    make_contacts(8)
    org.fault("request_error", path=step, status=400, code="INVALIDJOBSTATE", count=1)
    assert run().counts == {"created": 8}
    assert_each_has_one_lead(org)


def test_a_job_that_salesforce_has_forgotten(org):
    ready(org)
    make_contacts(8)
    assert one_slice().more
    delete_at_salesforce(BulkJob.objects.get())
    assert run().counts == {"created": 8}
    assert states() == ["dropped", "done"]
    assert_each_has_one_lead(org)


def test_results_that_salesforce_has_forgotten(org):
    ready(org)
    make_contacts(8)
    org.fault("request_error", path="Results", status=404, code="NOT_FOUND", count=1)
    # Leads that were there although nobody knew are written once more: they may hold old values.
    assert run().counts == {"created": 8, "updated": 8}
    assert states() == ["dropped"]
    assert_each_has_one_lead(org)


def test_an_aborted_job_ends_the_run(org):
    ready(org)
    make_contacts(8)
    first = one_slice()
    from wagtail_salesforce.connection.session import get_client

    with get_client() as client:
        client.bulk.abort(BulkJob.objects.get().salesforce_id)
    assert run(run_id=first.run_id).reason == "bulk_failed"
    assert run().counts == {"created": 8}
    assert_each_has_one_lead(org)


def test_a_job_is_not_begun_without_the_calls_it_needs(org):
    ready(org, api_reserve_percent=20)
    make_contacts(8)
    org.set_allowance(max=100, used=65)
    assert run().counts == {"created": 8}
    assert states() == []


def test_the_reserve_is_exact_with_a_job_under_way(org):
    ready(org, api_reserve_percent=20)
    org.options(bulk_rows_at_once=200)
    make_contacts(4800)
    org.set_allowance(max=100, used=58)
    assert run().reason == "api_reserve"
    assert org.set_allowance()["used"] == 80
    assert states() == ["closed"]
    org.set_allowance(used=0)
    from wagtail_salesforce.connection.models import Connection

    Connection.objects.update(api_calls_used=0)
    assert run().counts == {"created": 4800}
    assert_each_has_one_lead(org)


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "unavailable_html"])
def test_trouble_while_results_are_fetched_loses_nothing(org, monkeypatch, kind):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    make_contacts(8)
    org.fault(kind, path="Results", count=10)
    assert run().reason == "org_unavailable"
    org.clear_faults()
    assert run().counts == {"created": 8}
    assert_each_has_one_lead(org)
