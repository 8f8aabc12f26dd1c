"""Records the outcomes of a batch in one statement, whatever their kinds.

The outcomes travel as one JSON parameter, which PostgreSQL, SQLite and MySQL/MariaDB all unfold
into rows. A row is recorded only while our lease (or our claim on the row) still holds, and only
the version that was read is marked as sent: a contact edited meanwhile stays due. Expressions
refer to other columns of the link only where those are not assigned (`version`), since MySQL
assigns them one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings
from wagtail_salesforce.replication.outcomes import Kind, Outcome


State = LeadLink.State

#: The columns of the unfolded JSON and their types on PostgreSQL, and on MySQL.
COLUMNS = {
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
    claimed_until = NULL,
    state = CASE WHEN v.state IS NULL OR l.state IN ('erased', 'excluded') THEN l.state
                 WHEN v.state = 'suspended' AND l.version <> v.version THEN l.state
                 ELSE v.state END
"""


@dataclass(frozen=True)
class Recorder:
    """Records under a lease; with several workers each row must also be claimed by `claimant`."""

    lease: HeldLease
    run_id: int
    org_id: str
    claimant: str = ""

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Record up to 1,000 outcomes in one statement. Raises LeaseLost when fenced off."""
        if not outcomes:
            return
        now = timezone.now()
        rows = [row_of(outcome, now, self.org_id) for outcome in _sorted(outcomes)]
        if again_at := self.lease.again_at(now):
            _send_once_more(rows, again_at)
        if not self._execute(rows):
            self._explain()

    def _explain(self) -> None:
        """Nothing was recorded: the lease is lost, or somebody has started over for another org."""
        self.lease.check()
        if not ReplicationSettings.objects.filter(org_id=self.org_id).exists():
            raise Stopped(code="org_changed")

    def _execute(self, rows: list[dict[str, Any]]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                statement(connection.vendor, by_claim=bool(self.claimant)),
                {
                    "rows": orjson.dumps(rows).decode(),
                    "run": self.run_id,
                    "lease": self.lease.name,
                    "token": self.lease.token,
                    "claimant": self.claimant,
                    "org": self.org_id,
                },
            )
            return int(cursor.rowcount)


def _send_once_more(rows: list[dict[str, Any]], when: datetime) -> None:
    """Let what was sent now be due again, whether or not it changes."""
    for row in rows:
        if row["replicated_at"]:
            row.update(synced=0, due_at=_moment(when), fingerprint="")


def _sorted(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """By link id, so that two workers never lock rows in different orders."""
    return sorted(outcomes, key=lambda outcome: outcome.link_id)


def row_of(outcome: Outcome, now: datetime, org_id: str) -> dict[str, Any]:
    """The columns of one outcome; null keeps what the link has."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(id=outcome.link_id, version=outcome.version, synced=0)
    row.update(_ROWS[outcome.kind](outcome, _moment(now), org_id))
    if outcome.wait is not None:
        row["due_at"] = _moment(now + outcome.wait)
    return row


def _sent(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {
        "state": State.REPLICATED,
        "synced": 1,
        "lead_id": outcome.lead_id,
        "fingerprint": outcome.fingerprint,
        "attempts": 0,
        "code": "",
        "message": "",
        "org_id": org_id,
        "replicated_at": now,
    }


def _unchanged(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {"synced": 1, "code": "", "message": ""}


def _suspended(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {"state": State.SUSPENDED, "suspended_at": now, **_failure(outcome)}


def _excluded(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {
        "state": State.EXCLUDED,
        "excluded_reason": outcome.excluded_reason,
        "surviving": outcome.surviving_lead_id,
        **_failure(outcome),
    }


def _failure(outcome: Outcome) -> dict[str, Any]:
    return {
        "attempts": outcome.attempts,
        "code": outcome.code[:100],
        "message": outcome.message[:1000],
    }


def _released(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {}


def _postponed(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return _failure(outcome)


def _renewed(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {"state": State.NEW, "due_at": now, "lead_id": "", "fingerprint": "", "org_id": ""}


_ROWS = {
    Kind.CREATED: _sent,
    Kind.UPDATED: _sent,
    Kind.UNCHANGED: _unchanged,
    Kind.SUSPENDED: _suspended,
    Kind.EXCLUDED: _excluded,
    Kind.RELEASED: _released,
    Kind.POSTPONED: _postponed,
    Kind.RENEWED: _renewed,
}


def _moment(when: datetime) -> str:
    """A point in time as this database writes it."""
    return str(connection.ops.adapt_datetimefield_value(when))


def statement(vendor: str, *, by_claim: bool) -> str:
    """The UPDATE for a database, fenced by the lease and, with several workers, by the claim."""
    table, lease = LeadLink._meta.db_table, Lease._meta.db_table
    settings = ReplicationSettings._meta.db_table
    fence = f"EXISTS (SELECT 1 FROM {lease} WHERE name = %(lease)s AND token = %(token)s)"
    fence += f" AND EXISTS (SELECT 1 FROM {settings} WHERE org_id = %(org)s)"
    if by_claim:
        fence += " AND l.claimed_by = %(claimant)s"
    if vendor == "mysql":
        joined = f"{table} AS l JOIN {_unfolded_mysql()} ON l.id = v.id"
        return f"UPDATE {joined} SET {_for_mysql()} WHERE {fence}"
    source = _unfolded_sqlite() if vendor == "sqlite" else _unfolded_postgresql()
    return f"UPDATE {table} AS l SET {ASSIGNMENTS} FROM {source} WHERE l.id = v.id AND {fence}"


def _for_mysql() -> str:
    """MySQL wants the table in front of assigned columns, as both sides of the join have some."""
    lines = ASSIGNMENTS.split("\n")
    starts = (line.startswith("    ") and line[4:5].strip() for line in lines)
    return "\n".join(
        f"    l.{line[4:]}" if start else line for line, start in zip(lines, starts, strict=True)
    )


def _unfolded_postgresql() -> str:
    columns = ", ".join(f"{name} {kinds[0]}" for name, kinds in COLUMNS.items())
    return f"jsonb_to_recordset(%(rows)s::jsonb) AS v({columns})"


def _unfolded_sqlite() -> str:
    columns = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in COLUMNS)
    return f"(SELECT {columns} FROM json_each(%(rows)s)) AS v"


def _unfolded_mysql() -> str:
    columns = ", ".join(f"{name} {kinds[1]} PATH '$.{name}'" for name, kinds in COLUMNS.items())
    return f"JSON_TABLE(%(rows)s, '$[*]' COLUMNS ({columns})) AS v"
