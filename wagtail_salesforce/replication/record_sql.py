"""The statement that records outcomes, as each database wants it.

The outcomes travel as one JSON parameter, which PostgreSQL, SQLite and MySQL/MariaDB all unfold
into rows `v`. Expressions refer to other columns of the link `l` only where those are not assigned
(`version`), since MySQL assigns them one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial

from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings


State = LeadLink.State

Columns = Mapping[str, tuple[str, str]]

#: The columns of the unfolded JSON and their types on PostgreSQL, and on MySQL.
COLUMNS: Columns = {
    "id": ("bigint", "BIGINT"),
    "version": ("bigint", "BIGINT"),
    "state": ("text", "VARCHAR(10)"),
    "synced": ("int", "INT"),
    "due_at": ("timestamptz", "DATETIME(6)"),
    "lead_id": ("text", "VARCHAR(18)"),
    "fingerprint": ("text", "VARCHAR(32)"),
    "attempts": ("int", "INT"),
    "code": ("text", "VARCHAR(100)"),
    "message": ("text", "TEXT"),
    "excluded_reason": ("text", "VARCHAR(10)"),
    "surviving": ("text", "VARCHAR(18)"),
    "org_id": ("text", "VARCHAR(18)"),
    "replicated_at": ("timestamptz", "DATETIME(6)"),
    "suspended_at": ("timestamptz", "DATETIME(6)"),
    "doubtful": ("timestamptz", "DATETIME(6)"),
}

ASSIGNMENTS = """
    due_at = CASE WHEN v.state = 'excluded' THEN NULL
                  WHEN l.version = v.version THEN v.due_at ELSE l.due_at END,
    synced_version = CASE WHEN v.synced = 1 THEN v.version ELSE l.synced_version END,
    excluded_reason = CASE WHEN l.state IN ('erased', 'excluded') THEN l.excluded_reason
                           ELSE COALESCE(v.excluded_reason, l.excluded_reason) END,
    attempts = COALESCE(v.attempts, l.attempts),
    suspended_at = CASE WHEN v.state = 'suspended' AND l.version <> v.version THEN l.suspended_at
                        WHEN v.synced = 1 THEN NULL
                        ELSE COALESCE(v.suspended_at, l.suspended_at) END,
    lead_id = COALESCE(v.lead_id, l.lead_id),
    surviving_lead_id = COALESCE(v.surviving, l.surviving_lead_id),
    org_id = COALESCE(v.org_id, l.org_id),
    fingerprint = CASE WHEN l.state = 'erased' THEN ''
                       ELSE COALESCE(v.fingerprint, l.fingerprint) END,
    last_error_code = CASE WHEN l.state = 'erased' THEN l.last_error_code
                           ELSE COALESCE(v.code, l.last_error_code) END,
    last_error_message = CASE WHEN l.state = 'erased' THEN ''
                              ELSE COALESCE(v.message, l.last_error_message) END,
    replicated_at = COALESCE(v.replicated_at, l.replicated_at),
    required = CASE WHEN v.state = 'new' THEN TRUE ELSE l.required END,
    run_id = %(run)s,
    claimed_by = '',
    claimed_until = v.doubtful,
    job = NULL,
    job_fingerprint = '',
    job_shortened = '',
    state = CASE WHEN v.state IS NULL OR l.state IN ('erased', 'excluded') THEN l.state
                 WHEN v.state = 'suspended' AND l.version <> v.version THEN l.state
                 ELSE v.state END
"""


#: What `v` says of a row that was accepted, where it is the same for all of them: so that little
#: travels of each.
ACCEPTED = {
    "id": "v.id",
    "version": "v.version",
    "lead_id": "v.lead_id",
    "fingerprint": "v.fingerprint",
    "state": f"'{State.REPLICATED.value}'",
    "synced": "1",
    "attempts": "0",
    "code": "''",
    "message": "''",
    "org_id": "%(org)s",
    "replicated_at": "%(now)s",
}

#: The same in a Bulk job, where the link holds what was read when the job was made.
ACCEPTED_IN_JOB = {**ACCEPTED, "version": "l.job_version", "fingerprint": "l.job_fingerprint"}


@lru_cache
def statement(vendor: str, *, by_claim: bool) -> str:
    """The UPDATE for a database, fenced by the lease, by the Bulk job that the rows must be in
    (0: in none) and, with several workers, by the claim."""
    return _update(vendor, COLUMNS, ASSIGNMENTS, by_claim=by_claim)


@lru_cache
def statement_of_accepted(vendor: str, *, in_job: bool, by_claim: bool) -> str:
    """The same for rows that were all accepted, of which only what differs is told."""
    meant = ACCEPTED_IN_JOB if in_job else ACCEPTED
    told = {name: COLUMNS[name] for name in COLUMNS if meant.get(name) == f"v.{name}"}
    known = partial(_known, meant)
    return _update(vendor, told, re.sub(r"v\.(\w+)", known, ASSIGNMENTS), by_claim=by_claim)


def _known(values: Mapping[str, str], column: re.Match[str]) -> str:
    return values.get(column[1], "NULL")


def _update(vendor: str, columns: Columns, assignments: str, *, by_claim: bool) -> str:
    table, lease = LeadLink._meta.db_table, Lease._meta.db_table
    settings = ReplicationSettings._meta.db_table
    fence = f"EXISTS (SELECT 1 FROM {lease} WHERE name = %(lease)s AND token = %(token)s)"
    fence += f" AND EXISTS (SELECT 1 FROM {settings} WHERE org_id = %(org)s)"
    fence += " AND COALESCE(l.job, 0) = %(job)s"
    if by_claim:
        fence += " AND l.claimed_by = %(claimant)s"
    if vendor == "mysql":
        joined = f"{table} AS l JOIN {unfolded(vendor, columns)} ON l.id = v.id"
        return f"UPDATE {joined} SET {for_mysql(assignments)} WHERE {fence}"
    source = unfolded(vendor, columns)
    return f"UPDATE {table} AS l SET {assignments} FROM {source} WHERE l.id = v.id AND {fence}"


def for_mysql(assignments: str) -> str:
    """MySQL wants the table in front of assigned columns, as both sides of the join have some."""
    lines = assignments.split("\n")
    starts = (line.startswith("    ") and line[4:5].strip() for line in lines)
    return "\n".join(
        f"    l.{line[4:]}" if start else line for line, start in zip(lines, starts, strict=True)
    )


def unfolded(vendor: str, columns: Columns) -> str:
    """The JSON parameter `rows` as a table `v` with these columns."""
    if vendor == "mysql":
        listed = ", ".join(f"{name} {kinds[1]} PATH '$.{name}'" for name, kinds in columns.items())
        return f"JSON_TABLE(%(rows)s, '$[*]' COLUMNS ({listed})) AS v"
    if vendor == "sqlite":
        listed = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        # The limit keeps SQLite from working each column out again wherever it is named above.
        return f"(SELECT {listed} FROM json_each(%(rows)s) LIMIT -1) AS v"
    listed = ", ".join(f"{name} {kinds[0]}" for name, kinds in columns.items())
    return f"jsonb_to_recordset(%(rows)s::jsonb) AS v({listed})"
