"""Runs, editors and visitors write the same links at once: no deadlock stops any of them."""

from __future__ import annotations

from datetime import datetime
from datetime import timezone as dt_timezone

import pytest
from django.utils import timezone

from tests.colliding import deadlock, needs_two_connections, repeated
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import free_forgotten, put_back
from wagtail_salesforce.replication.bulk_mark import mark
from wagtail_salesforce.replication.claim import Claimant, distrust, send_again
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.lease import SLOT, take_lease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings


pytestmark = [pytest.mark.django_db(transaction=True), needs_two_connections]

ORG = "00D000000000001AAA"
LEAD = "00Q000000000001AAA"
HERE = "worker-1"
LONG_AGO = datetime(2020, 1, 1, tzinfo=dt_timezone.utc)

State = LeadLink.State


@pytest.fixture
def links():
    """Two contacts that are due, held by a worker of this name."""
    ReplicationSettings.objects.update_or_create(pk=1, defaults={"org_id": ORG})
    make_contacts(2)
    LeadLink.objects.update(claimed_by=HERE, fingerprint="f" * 32)
    return list(LeadLink.objects.order_by("pk"))


def in_the_way(links, work):
    """Do `work`, which has written the first link when it comes to the second."""
    first, second = (LeadLink.objects.filter(pk=link.pk) for link in links)
    with repeated() as repeats:
        result = deadlock(
            lambda: second.update(required=True), lambda: first.update(required=True), work
        )
    assert repeats.called
    assert LeadLink.objects.filter(required=True).count() == 2
    return result


def written_in_order(links, **columns):
    """PostgreSQL goes through a small table in the order in which its rows were written last."""
    for link in links:
        LeadLink.objects.filter(pk=link.pk).update(**columns)


def everything():
    return LeadLink.objects.all()


def excluded():
    LeadLink.objects.update(state=State.EXCLUDED, excluded_reason="by_hand", due_at=None)


def suspended():
    LeadLink.objects.update(state=State.SUSPENDED, due_at=None)


def replicated():
    LeadLink.objects.update(state=State.REPLICATED, lead_id=LEAD, due_at=None)


def as_they_are():
    pass


EDITORS = {
    "exclude": (as_they_are, lambda: due.exclude(everything())),
    "include": (excluded, lambda: due.include(everything())),
    "retry": (suspended, lambda: due.retry(everything())),
    "require": (as_they_are, lambda: due.require(everything())),
    "revive": (suspended, due.revive_suspended),
    "resend all": (as_they_are, due.resend_all),
    "resend the replicated": (replicated, due.resend_replicated),
    "find unsent ones": (replicated, due.mark_unsent),
    "start over": (replicated, lambda: due.start_over("00D000000000002AAA")),
    "look again": (as_they_are, lambda: due.look_again([link.contact_id for link in everything()])),
}


@pytest.mark.parametrize("name", EDITORS)
def test_what_an_editor_does_to_many(links, name):
    before, work = EDITORS[name]
    before()
    assert in_the_way(links, work) == 2
    assert LeadLink.objects.filter(version__gt=links[0].version).count() == 2


def test_new_settings(links):
    in_the_way(links, due.mark_all)
    assert LeadLink.objects.filter(version__gt=links[0].version).count() == 2


def test_claims_are_renewed(links):
    claims = Claimant(HERE, {link.pk for link in links})
    assert in_the_way(links, claims.renew) == set()
    assert not LeadLink.objects.filter(claimed_until=None).exists()


def test_claims_are_given_back(links):
    claims = Claimant(HERE, {link.pk for link in links})
    in_the_way(links, claims.release)
    assert not LeadLink.objects.exclude(claimed_by="").exists()


def test_what_came_late_is_sent_again(links):
    assert in_the_way(links, lambda: send_again([link.pk for link in links])) == 2


def test_what_was_never_answered_is_distrusted(links):
    in_the_way(links, lambda: distrust([link.pk for link in links]))
    assert not LeadLink.objects.exclude(fingerprint="").exists()


def test_rows_are_put_into_a_bulk_job(links):
    job = BulkJob.objects.create(org_id=ORG, operation="upsert", external_id_field="Key__c")
    leads = [
        OutgoingLead(
            link.pk, link.contact_id, link.external_id, "", link.version, "", 0, {}, shortened=()
        )
        for link in links
    ]
    lease = take_lease()
    assert in_the_way(links, lambda: mark(job, leads, lease, HERE)) == leads
    assert LeadLink.objects.filter(job=job.pk).count() == 2


def test_what_salesforce_has_answered_is_recorded(org):
    ready(org)
    make_contacts(2)
    both = list(LeadLink.objects.order_by("pk"))
    result = in_the_way(both, run)
    assert (result.state, result.counts["created"]) == ("finished", 2)
    assert {link.lead_id for link in everything()} == {lead["Id"] for lead in org.leads()}


def test_whoever_takes_over_from_a_dead_worker(links):
    replicated()
    LeadLink.objects.update(due_at=timezone.now())
    Lease.objects.create(name=f"{SLOT}0", token=7, owner="elsewhere|1|1", expires_at=LONG_AGO)
    # Once to fence the dead one off, once for the next.
    assert in_the_way(links, take_lease).token == 9
    assert not LeadLink.objects.exclude(fingerprint="").exists()


def test_rows_are_put_back_from_a_bulk_job(links):
    ids = [link.pk for link in links]
    job = BulkJob.objects.create(org_id=ORG, first_link=ids[0], last_link=ids[-1])
    lease = take_lease()
    written_in_order(links, job=job.pk)
    assert in_the_way(links, lambda: put_back(job, lease)) == 2
    written_in_order(links, job=4711, required=False)
    assert in_the_way(links, free_forgotten) == 2
    assert not LeadLink.objects.exclude(job=None).exists()
