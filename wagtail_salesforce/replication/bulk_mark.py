"""Marks lead links as under way in a Bulk job: one statement for up to 1,000."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
from django.db import connection

from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.mapping.outcomes import Shortened
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings
from wagtail_salesforce.replication.record_sql import Columns, for_mysql, unfolded


COLUMNS: Columns = {
    "id": ("bigint", "BIGINT"),
    "version": ("bigint", "BIGINT"),
    "fingerprint": ("text", "VARCHAR(32)"),
    "shortened": ("text", "TEXT"),
}

ASSIGNMENTS = """
    job = %(job)s,
    job_version = v.version,
    job_fingerprint = v.fingerprint,
    job_shortened = v.shortened,
    claimed_by = '',
    claimed_until = NULL
"""


def mark(
    job: BulkJob, leads: Sequence[OutgoingLead], lease: HeldLease, claimant: str
) -> list[OutgoingLead]:
    """Put these leads (up to 1,000) into the job, under the version that was read; those that are.

    Who was erased, excluded or claimed by another worker meanwhile is not. Raises LeaseLost when
    the lease is, and Stopped when somebody has started over for another org.
    """
    rows = [_row(lead) for lead in sorted(leads, key=lambda lead: lead.link_id)]
    marked = despite_collisions(partial(_execute, job, rows, lease, claimant))
    if marked == len(leads):
        return list(leads)
    if not marked:
        _explain(job, lease)
    ids = [lead.link_id for lead in leads]
    present = LeadLink.objects.filter(pk__in=ids, job=job.pk)
    there = set(present.values_list("pk", flat=True))
    return [lead for lead in leads if lead.link_id in there]


def _row(lead: OutgoingLead) -> dict[str, Any]:
    return {
        "id": lead.link_id,
        "version": lead.version,
        "fingerprint": lead.fingerprint,
        "shortened": _as_text(lead.shortened) if lead.shortened else "",
    }


def _as_text(shortened: Sequence[Shortened]) -> str:
    return orjson.dumps([[each.field, each.was, each.now] for each in shortened]).decode()


def shortened_of(text: str) -> tuple[Shortened, ...]:
    """What was shortened, as put down with the mark; without the values."""
    if not text:
        return ()
    return tuple(Shortened(field, "", was, now) for field, was, now in orjson.loads(text))


def _execute(job: BulkJob, rows: list[dict[str, Any]], lease: HeldLease, claimant: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement(connection.vendor, by_claim=bool(claimant)),
            {
                "rows": orjson.dumps(rows).decode(),
                "job": job.pk,
                "lease": lease.name,
                "token": lease.token,
                "claimant": claimant,
                "org": job.org_id,
            },
        )
        return int(cursor.rowcount)


def _explain(job: BulkJob, lease: HeldLease) -> None:
    lease.check()
    if not ReplicationSettings.objects.filter(org_id=job.org_id).exists():
        raise Stopped(code="org_changed")


def statement(vendor: str, *, by_claim: bool) -> str:
    """The UPDATE for a database; fenced like the recording of outcomes."""
    table, lease = LeadLink._meta.db_table, Lease._meta.db_table
    settings = ReplicationSettings._meta.db_table
    fence = f"EXISTS (SELECT 1 FROM {lease} WHERE name = %(lease)s AND token = %(token)s)"
    fence += f" AND EXISTS (SELECT 1 FROM {settings} WHERE org_id = %(org)s)"
    fence += " AND l.contact_id IS NOT NULL AND l.state NOT IN ('erased', 'excluded')"
    fence += " AND l.job IS NULL"
    if by_claim:
        fence += " AND l.claimed_by = %(claimant)s"
    source = unfolded(vendor, COLUMNS)
    if vendor == "mysql":
        joined = f"{table} AS l JOIN {source} ON l.id = v.id"
        return f"UPDATE {joined} SET {for_mysql(ASSIGNMENTS)} WHERE {fence}"
    return f"UPDATE {table} AS l SET {ASSIGNMENTS} FROM {source} WHERE l.id = v.id AND {fence}"
