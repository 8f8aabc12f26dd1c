"""What happens while a batch is on its way: edits, erasure, exclusion, other workers."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.lease import LEASE_TIME, identity, take_lease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings, Run
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.signals import after_batch, before_batch


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


@contextmanager
def meanwhile(action, signal=before_batch):
    """Do something once, just before the first batch leaves (or after it is recorded)."""
    done = []

    def receiver(**kwargs):
        if not done:
            done.append(True)
            action()

    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)
    assert done


def test_an_edit_while_the_batch_travels_is_sent_in_the_same_run(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="Before")

    def edit():
        edited = Contact.objects.get()
        edited.last_name = "After"
        edited.save()

    with meanwhile(edit):
        result = run()
    assert result.counts == {"created": 1, "updated": 1}
    [lead] = org.leads()
    assert lead["LastName"] == "After"
    assert LeadLink.objects.get(contact=contact).due_at is None


def test_a_contact_erased_while_the_batch_travels_leaves_a_tombstone_that_knows_its_lead(org):
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="One")
    with meanwhile(lambda: Contact.objects.get().delete()):
        run()
    link = LeadLink.objects.get()
    [lead] = org.leads()
    assert (link.state, link.lead_id, link.contact_id) == (State.ERASED, lead["Id"], None)
    assert run().counts == {}
    assert len(org.leads()) == 1


def test_a_contact_excluded_while_the_batch_travels_stays_excluded(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    with meanwhile(lambda: due.exclude(LeadLink.objects.all())):
        run()
    link = LeadLink.objects.get(contact=contact)
    assert (link.state, link.due_at) == (State.EXCLUDED, None)
    assert link.lead_id


def test_an_overtaken_worker_records_nothing_more(org):
    ready(org)
    make_contacts(3)
    with meanwhile(lambda: Lease.objects.update(token=1000)):
        result = run()
    assert (result.state, result.reason) == ("stopped", "lease_lost")
    assert not LeadLink.objects.exclude(lead_id="").exists()
    Lease.objects.update(expires_at=timezone.now())
    # The leads are there already, so an update clears what the upsert has left out.
    assert run().counts == {"created": 3, "updated": 3}
    assert len(org.leads()) == 3


def test_several_workers_never_send_the_same_contact(org, settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 2}
    ready(org)
    make_contacts(2500)
    results = []
    with meanwhile(lambda: results.append(run())):
        results.append(run())
    assert sum(result.counts["created"] for result in results) == 2500
    assert all(result.counts["created"] for result in results)
    seen = Counter(lead[EXTERNAL_ID] for lead in org.leads())
    assert len(seen) == 2500
    assert set(seen.values()) == {1}
    sent = sum(call["rows"] or 0 for call in org.calls(path="/composite"))
    assert sent == 2500
    assert not LeadLink.objects.exclude(claimed_by="").exists()
    assert {run.state for run in Run.objects.all()} == {"finished"}


def test_a_worker_that_stops_gives_its_claims_back(org, settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "PARALLEL_WORKERS": 2}
    ready(org)
    make_contacts(5)
    org.fault("api_disabled", count=1, path="/composite")
    assert run().reason == "api_disabled"
    assert run().counts == {"created": 5}


def test_a_batch_tells_what_became_of_it(org):
    ready(org)
    make_contacts(2)
    told = []

    def receiver(outcomes, **kwargs):
        told.extend(outcome.kind.value for outcome in outcomes)

    after_batch.connect(receiver)
    try:
        run()
    finally:
        after_batch.disconnect(receiver)
    assert told == ["created", "created"]


def test_a_slice_that_is_over_goes_on_where_it_stopped(org):
    from wagtail_salesforce.replication.engine import Request, run_slice

    ready(org)
    make_contacts(2500)
    first = run_slice(Request("command", budget_seconds=0))
    assert first.more
    assert Run.objects.get().state == "running"
    assert 0 < first.counts["created"] < 2500
    result = run(run_id=first.run_id)
    assert first.counts["created"] + result.counts["created"] == 2500
    kept = Run.objects.get()
    assert (kept.state, kept.created) == ("finished", 2500)


def test_settings_saved_while_a_run_is_on_lose_nobody(org):
    """Who was judged by the old minimum is judged again by the new one."""
    score = Score.objects.create(name="Ready")
    settings = ready(org, minimum_points=10)
    settings.choose_score(score)
    settings.save()
    make_contacts(3)
    first = Contact.objects.order_by("pk").first()
    LeadLink.objects.filter(contact=first).update(required=True)

    def lower_the_minimum():
        later = ReplicationSettings.load()
        later.minimum_points = 0
        later.save()

    with meanwhile(lower_the_minimum):
        run()
    run()
    assert len(org.leads()) == 3


def test_edits_that_were_not_to_be_sent_go_when_leads_are_kept_updated_again(org):
    settings = ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    settings.keep_leads_updated = False
    settings.save()
    contact.last_name = "Two"
    contact.save()
    assert run().counts == {}
    settings.keep_leads_updated = True
    settings.save()
    run()
    assert [lead["LastName"] for lead in org.leads()] == ["Two"]


def test_starting_over_while_a_run_is_on_keeps_the_organizations_apart(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    with meanwhile(lambda: due.start_over("00D000000000077AAA")):
        result = run()
    assert (result.state, result.reason) == ("stopped", "org_changed")
    link = LeadLink.objects.get(contact=contact)
    assert (link.lead_id, link.org_id, link.state) == ("", "", State.NEW)
    assert link.due_at is not None


def test_after_a_worker_has_died_what_is_sent_is_sent_once_more(org):
    """A call of the dead one may land in the organization after ours."""
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="Newest")
    held = take_lease()
    Lease.objects.update(owner=identity().rsplit("|", 1)[0] + "|0")
    assert run().counts == {"created": 1}
    [lead] = org.leads()
    org.change(lead["Id"], LastName="Mid")
    link = LeadLink.objects.get(contact=contact)
    assert timezone.now() < link.due_at <= held.renewed_at + LEASE_TIME
    assert run().counts == {}
    with time_machine.travel(link.due_at + timedelta(seconds=1)):
        assert run().counts == {"updated": 1}
    assert [lead["LastName"] for lead in org.leads()] == ["Newest"]
    assert LeadLink.objects.get(contact=contact).due_at is None
