"""Settings, mappings and clocks that change while Bulk jobs are under way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.ready import PLAIN, make_contacts, ready, run
from tests.replication.bulk_help import assert_each_has_one_lead, one_slice, states
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import bulk_fill, bulk_run, engine
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]


def test_a_window_held_while_jobs_are_waited_for_goes_by_the_new_mapping(org, monkeypatch):
    """The fourth job is only made once one of the first three is done."""
    monkeypatch.setattr("wagtail_salesforce.replication.claim.WINDOW", 5)
    monkeypatch.setattr(bulk_fill, "ROWS", 5)
    monkeypatch.setattr(bulk_run.BulkRun, "_look_at_those_due", lambda self: None)
    ready(org)
    make_contacts(40, city="Leeds", job_title="Boss")
    wait, carried = bulk_run.BulkRun._wait, []

    def waiting(self, deadline):
        if not carried:
            carried.append(sum(job.rows for job in self.jobs))
            mapping = Mapping.objects.get()
            mapping.fields = {**PLAIN, "Title": {"source": "field", "name": "city"}}
            mapping.save()
        return wait(self, deadline)

    monkeypatch.setattr(bulk_run.BulkRun, "_wait", waiting)
    assert run().counts == {"created": 40}
    titles = [lead["Title"] for lead in org.leads()]
    assert (titles.count("Boss"), titles.count("Leeds")) == (carried[0], 40 - carried[0])
    assert carried[0] < 40


def test_one_that_is_switched_off_while_a_job_is_waited_for_makes_no_more_calls(org, monkeypatch):
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(600)
    made = []

    def sleep(seconds):
        made.append(len(org.calls(counted=True)))
        settings = ReplicationSettings.load()
        settings.enabled = False
        settings.save()

    monkeypatch.setattr(bulk_run, "sleep", sleep)
    assert run().reason == "disabled"
    assert made == [len(org.calls(counted=True))]
    settings = ReplicationSettings.load()
    settings.enabled = True
    settings.save()
    monkeypatch.setattr(bulk_run, "sleep", lambda seconds: None)
    assert run().counts["created"] == 600
    assert_each_has_one_lead(org)


def test_a_reserve_that_is_raised_while_a_job_is_waited_for_is_kept(org, monkeypatch):
    ready(org, api_reserve_percent=0)
    org.options(bulk_rows_at_once=200)
    make_contacts(4800)
    org.set_allowance(max=100, used=30)

    def sleep(seconds):
        settings = ReplicationSettings.load()
        if settings.api_reserve_percent != 60:
            settings.api_reserve_percent = 60
            settings.save()

    monkeypatch.setattr(bulk_run, "sleep", sleep)
    assert run().reason == "api_reserve"
    assert org.set_allowance()["used"] <= 40
    assert states() == ["closed"]


def test_a_clock_that_is_set_back_neither_spins_nor_waits(org, monkeypatch):
    ready(org)
    make_contacts(8)
    assert one_slice().more
    BulkJob.objects.update(next_poll_at=timezone.now() + timedelta(hours=2))
    slices = []
    run_slice = engine.run_slice

    def counted(request):
        slices.append(request)
        assert len(slices) < 10, "It spins."
        return run_slice(request)

    monkeypatch.setattr(engine, "run_slice", counted)
    assert run().counts == {"created": 8}
    assert len(slices) == 1
    assert_each_has_one_lead(org)


def test_no_wait_is_longer_than_was_ever_planned(org, naps):
    ready(org)
    make_contacts(8)
    assert one_slice().more
    BulkJob.objects.update(next_poll_at=timezone.now() + timedelta(hours=2))
    assert run().counts == {"created": 8}
    assert 0 < sum(naps) <= bulk_run.LONGEST_WAIT


@pytest.mark.parametrize("results", ["forgotten", "read"])
def test_another_external_identifier_while_a_job_is_under_way_doubles_no_lead(org, results):
    ready(org)
    edited = make_contacts(8)[0]
    assert one_slice().more
    mapping = Mapping.objects.get()
    mapping.external_id_field = "Exact_Key__c"
    mapping.save()
    edited.last_name = "Edited"
    edited.save()
    if results == "forgotten":
        org.fault("request_error", path="Results", status=404, code="NOT_FOUND", count=1)
    org.clear_calls()
    run()
    assert_each_has_one_lead(org)
    assert len(org.calls(path="/query")) == (results == "forgotten")
