"""What a killed process, a broken database connection or an absent broker leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.utils import timezone

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from wagtail_salesforce import background
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import LeadLink, Lease, Run
from wagtail_salesforce.replication.runs import open_run
from wagtail_salesforce.replication.sender import Sender


def lost_answer(link: LeadLink, **values: Any) -> None:
    """A process created the lead and was killed before it could record that."""
    with get_client() as client:
        record = {EXTERNAL_ID: link.external_id, "Company": "Example", **values}
        client.upsert("Lead", EXTERNAL_ID, [record])


@pytest.mark.django_db
def test_what_was_cleared_after_a_lost_answer_is_cleared_in_the_lead(org):
    ready(org)
    [contact] = make_contacts(1, city="")
    lost_answer(contact.lead_link, LastName="Keller", City="Leeds", Title="Director")
    result = run()
    [lead] = org.leads()
    assert (lead["LastName"], lead["City"], lead["Title"]) == (contact.last_name, None, None)
    assert (result.counts["created"], result.counts["updated"]) == (1, 1)
    link = LeadLink.objects.get()
    assert (link.due_at, link.synced_version) == (None, link.version)


@pytest.mark.django_db
def test_a_new_lead_with_empty_fields_is_sent_once(org):
    ready(org)
    make_contacts(3, city="")
    assert dict(run().counts) == {"created": 3}


@pytest.mark.django_db
def test_runs_of_killed_workers_are_closed_beside_others_too(settings):
    settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, "PARALLEL_WORKERS": 3}
    now = timezone.now()
    alive = Run.objects.create(trigger="command", heartbeat_at=now - timedelta(seconds=20))
    dead = Run.objects.create(trigger="command", heartbeat_at=now - LEASE_TIME * 2)
    open_run("command", None)
    alive.refresh_from_db()
    dead.refresh_from_db()
    assert (alive.state, dead.state, dead.reason) == ("running", "stopped", "lease_lost")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_breaks_off_stops_the_run_by_name_and_gives_the_lease_back(
    org, monkeypatch, caplog
):
    ready(org)
    make_contacts(2)

    def cut(*args: Any) -> None:
        raise OperationalError("terminating connection for ada@example.org")

    with monkeypatch.context() as broken:
        broken.setattr(Sender, "settle", cut)
        result = run()
    assert (result.state, result.reason) == ("stopped", "database_unavailable")
    assert Run.objects.get().reason == "database_unavailable"
    assert Lease.objects.get().expires_at <= timezone.now()
    assert "ada@example.org" not in caplog.text
    assert run().reason is None
    assert org.count_leads() == 2


@pytest.mark.django_db(transaction=True)
def test_who_asks_for_a_run_does_not_fail_because_the_broker_is_away(monkeypatch, caplog):
    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no broker at secret.example.org")

    monkeypatch.setattr("django_q.tasks.async_task", away)
    background.enqueue("wagtail_salesforce.replication.tasks.replicate_slice", "panel", None, None)
    assert "replicate_slice could not be queued" in caplog.text
    assert "secret.example.org" not in caplog.text
