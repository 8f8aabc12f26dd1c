"""The rows of a job are found by their keys, and marking them writes to no index."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import assert_each_has_one_lead, one_slice
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication import bulk_run, due
from wagtail_salesforce.replication.bulk_inside import Inside
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import holder_of, widen
from wagtail_salesforce.replication.bulk_mark import mark
from wagtail_salesforce.replication.claim import DueLink, Selection
from wagtail_salesforce.replication.lease import take_lease
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.prepare import Preparer
from wagtail_salesforce.replication.walk import compiled_for
from wagtail_salesforce.signals import after_batch


MARKED = {"job", "job_version", "job_fingerprint", "job_shortened", "claimed_by", "claimed_until"}


@pytest.mark.django_db
def test_marking_a_row_changes_nothing_that_an_index_has():
    table = LeadLink._meta.db_table
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [table])
            assert cursor.fetchone() == (["fillfactor=40"],)
            assert not [name for name in found if "external_id" in name and "like" in name]
    assert found
    for index in found.values():
        assert index["check"] or not MARKED & set(index["columns"])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="Needs PostgreSQL's statistics.")
def test_every_marked_row_stays_on_its_page(org):
    ready(org)
    make_contacts(1000)
    lease, settings = take_lease(), ReplicationSettings.load()
    job = BulkJob.objects.create(
        org_id=settings.org_id, operation="upsert", holder=holder_of(lease)
    )
    window = [DueLink._make(row) for row in LeadLink.objects.values_list(*DueLink._fields)]
    leads = Preparer(compiled_for(settings, None), settings, Selection()).prepare(window).leads
    before = updates_in_place()
    assert len(mark(job, leads, lease, "")) == 1000
    assert updates_in_place() - before == 1000


def updates_in_place() -> int:
    """How many updates of this transaction wrote to no index."""
    with connection.cursor() as cursor:
        table = LeadLink._meta.db_table
        cursor.execute(
            "SELECT n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = %s", [table]
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_a_job_are_read_once_while_salesforce_is_at_work(org, naps, monkeypatch):
    ready(org)
    org.options(bulk_rows_at_once=200)
    make_contacts(1000)
    order: list[str] = []
    of = Inside.of
    monkeypatch.setattr(Inside, "of", lambda job: order.append("read") or of(job))
    monkeypatch.setattr(bulk_run, "sleep", lambda seconds: order.append("sleep"))
    assert run().counts == {"created": 1000}
    assert order == ["read", "sleep", "sleep", "sleep", "sleep"]
    assert_each_has_one_lead(org)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("naps")
def test_the_rows_of_a_job_are_known_piece_by_piece(org, monkeypatch):
    monkeypatch.setattr("wagtail_salesforce.replication.bulk_inside.CHUNK", 3)
    ready(org)
    make_contacts(8)
    one_slice()
    job = BulkJob.objects.get()
    keys = dict(LeadLink.objects.values_list("external_id", "pk"))
    assert Inside.of(job).ids == keys
    first = min(keys.values())
    LeadLink.objects.filter(pk=first).update(job=None)
    assert Inside.of(job).ids == {key: pk for key, pk in keys.items() if pk != first}


@pytest.mark.django_db
def test_where_the_links_of_a_job_are_grows_with_them():
    lease = take_lease()
    job = BulkJob.objects.create(org_id="00D", operation="upsert", holder=holder_of(lease))
    reaches = []
    for link_ids in ([25_000, 30_000], [26_000], [9_999, 31_000], [70_000]):
        widen(job, lease, link_ids)
        reaches.append(BulkJob.objects.values_list("first_link", "last_link").get())
    first = (20_000, 40_000)
    assert reaches == [first, first, (0, 40_000), (0, 80_000)]
    with pytest.raises(LeaseLost):
        widen(job, replace(lease, token=99), [90_000])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("naps")
def test_a_receiver_is_told_of_every_row_of_a_job(org):
    told = []

    def receiver(outcomes, **_said):
        told.extend((each.contact_id, each.lead_id) for each in outcomes)

    ready(org)
    make_contacts(8)
    after_batch.connect(receiver)
    try:
        assert run().counts == {"created": 8}
    finally:
        after_batch.disconnect(receiver)
    assert sorted(told) == sorted(LeadLink.objects.values_list("contact_id", "lead_id"))
    assert BulkJob.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("naps")
def test_a_lead_that_was_there_already_loses_what_its_contact_has_lost(org):
    """An upsert leaves out what is empty, so such a row has to be sent once more."""
    ready(org)
    make_contacts(8, city="Leeds")
    run()
    due.start_over(ReplicationSettings.load().org_id)
    Contact.objects.update(city="")
    run()
    assert [job.operation for job in BulkJob.objects.order_by("pk")][:2] == ["upsert", "upsert"]
    assert {lead["City"] for lead in org.leads()} == {None}
    assert_each_has_one_lead(org)
