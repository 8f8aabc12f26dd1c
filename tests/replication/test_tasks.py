"""Scheduled by django-q2: what the cluster would run, and what it would keep."""

from __future__ import annotations

import pytest
from django_q.models import OrmQ

from tests.ready import make_contacts, ready
from wagtail_salesforce.background import perform
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import tasks
from wagtail_salesforce.replication.engine import run_slice
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


pytestmark = pytest.mark.django_db(transaction=True)


def work_off():
    """Run what is queued, as a worker would; the results."""
    results = []
    while queued := OrmQ.objects.order_by("pk").first():
        task = queued.task
        queued.delete()
        results.append(task["func"](*task["args"], **task["kwargs"]))
    return results


def test_the_schedule_replicates(org):
    ready(org)
    make_contacts(3)
    result = perform("wagtail_salesforce.replication.tasks.replicate_on_schedule")
    assert (result["state"], result["created"]) == ("finished", 3)
    assert Run.objects.get().trigger == "schedule"


def test_switched_off_the_schedule_leaves_no_trace(org):
    ready(org)
    ReplicationSettings.objects.update(enabled=False)
    result = perform("wagtail_salesforce.replication.tasks.replicate_on_schedule")
    assert result == {"state": "stopped", "reason": "disabled"}
    assert not Run.objects.exists()


def test_what_is_left_over_is_queued_as_the_next_slice(org, monkeypatch):
    def short(request):
        request.budget_seconds = 0
        return run_slice(request)

    monkeypatch.setattr(tasks, "run_slice", short)
    ready(org)
    make_contacts(2500)
    tasks.replicate_now()
    results = work_off()
    assert sum(result["created"] for result in results) == 2500
    assert len(results) >= 3
    kept = Run.objects.get()
    assert (kept.state, kept.created, kept.trigger) == ("finished", 2500, "panel")


def test_replicate_now_for_one_contact(org):
    ready(org)
    make_contacts(3)
    wanted = Contact.objects.order_by("pk")[1]
    LeadLink.objects.update(due_at=None)
    tasks.replicate_now(contact_id=wanted.pk)
    [result] = work_off()
    assert result["created"] == 1
    assert LeadLink.objects.exclude(lead_id="").get().contact == wanted


def test_with_several_workers_the_schedule_starts_them_all(org, settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 3}
    ready(org)
    tasks.replicate_on_schedule()
    assert OrmQ.objects.count() == 2


def test_the_daily_task_finds_what_slipped_through(org):
    Contact.objects.bulk_create([Contact(email="x@example.org")])
    result = perform("wagtail_salesforce.replication.tasks.reconcile_daily")
    assert (result["state"], result["contacts"]) == ("finished", 1)
