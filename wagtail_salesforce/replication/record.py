"""Records the outcomes of a batch in one statement, whatever their kinds.

The outcomes travel as one JSON parameter, which PostgreSQL, SQLite and MySQL/MariaDB all unfold
into rows. A row is recorded only while our lease (or our claim on the row) still holds, and only
the version that was read is marked as sent: a contact edited meanwhile stays due. Expressions
refer to other columns of the link only where those are not assigned (`version`), since MySQL
assigns them one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.claim import send_again
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import LeadLink, Lease, ReplicationSettings
from wagtail_salesforce.replication.outcomes import Kind, Outcome


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
    job = NULL,
    job_fingerprint = '',
    job_shortened = '',
    state = CASE WHEN v.state IS NULL OR l.state IN ('erased', 'excluded') THEN l.state
                 WHEN v.state = 'suspended' AND l.version <> v.version THEN l.state
                 ELSE v.state END
"""


#: What `v` says of a row of a Bulk job that was accepted, where it is the same for all of them or
#: stands in the link: so that only its key and its lead travel.
ACCEPTED_IN_JOB = {
    "version": "l.job_version",
    "fingerprint": "l.job_fingerprint",
    "lead_id": "v.lead_id",
    "state": f"'{State.REPLICATED.value}'",
    "synced": "1",
    "attempts": "0",
    "code": "''",
    "message": "''",
    "org_id": "%(org)s",
    "replicated_at": "%(now)s",
}


@dataclass(frozen=True)
class Recorder:
    """Records under a lease; with several workers each row must also be claimed by `claimant`.

    With `job` it records what a Bulk job came to, for the rows that still are in it. What was sent
    while a call of a dead worker could still land (`doubtful_until`) is sent once more.
    """

    lease: HeldLease
    run_id: int
    org_id: str
    claimant: str = ""
    job: int = 0
    doubtful_until: datetime | None = None
    #: The same for single links: those that a dead worker had claimed.
    doubtful: Mapping[int, datetime] = field(default_factory=dict)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Record up to 1,000 outcomes in one statement. Raises LeaseLost when fenced off."""
        if not outcomes:
            return
        now = timezone.now()
        moment = _moment(now)
        rows = [row_of(outcome, now, moment, self.org_id) for outcome in _sorted(outcomes)]
        if again_at := self._again_at(now):
            _send_once_more(rows, again_at)
        for row in rows if self.doubtful else ():
            if (until := self.doubtful.get(row["id"], now)) > now:
                _send_once_more([row], until)
        sql = statement(connection.vendor, by_claim=bool(self.claimant))
        recorded = self._execute(rows, sql)
        if recorded < len(rows) and not self.job:
            self._mend(outcomes, now)
        if not recorded:
            self._explain()

    def record_accepted(self, accepted: Sequence[tuple[int, str]]) -> bool:
        """Record what is known of up to 1,000 rows of the job by their link ids and lead ids alone.

        False, with nothing done, where what was sent has to go once more. Raises LeaseLost.
        """
        now = timezone.now()
        if self._again_at(now):
            return False
        rows = [{"id": link_id, "lead_id": lead_id} for link_id, lead_id in sorted(accepted)]
        sql = statement_of_accepted(connection.vendor)
        if rows and not self._execute(rows, sql, now=_moment(now)):
            self._explain()
        return True

    def _mend(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """What was sent and may not be recorded has come late: another worker may have sent
        something newer before. It is sent once more."""
        sent = [each.link_id for each in outcomes if each.kind in (Kind.CREATED, Kind.UPDATED)]
        send_again(sent, but_not_at=now)

    def _again_at(self, now: datetime) -> datetime | None:
        again_at = self.lease.again_at(now)
        if self.doubtful_until is None:
            return again_at
        return max(now, self.doubtful_until, again_at or now)

    def _explain(self) -> None:
        """Nothing was recorded: the lease is lost, or somebody has started over for another org."""
        self.lease.check()
        if not ReplicationSettings.objects.filter(org_id=self.org_id).exists():
            raise Stopped(code="org_changed")

    def _execute(self, rows: list[dict[str, Any]], sql: str, **more: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                sql,
                {
                    **more,
                    "rows": orjson.dumps(rows).decode(),
                    "run": self.run_id,
                    "lease": self.lease.name,
                    "token": self.lease.token,
                    "claimant": self.claimant,
                    "org": self.org_id,
                    "job": self.job,
                },
            )
            return int(cursor.rowcount)


def _send_once_more(rows: list[dict[str, Any]], when: datetime) -> None:
    """Let what was sent now be due again, whether or not it changes."""
    for row in rows:
        if "replicated_at" in row:
            row.update(synced=0, due_at=_moment(when), fingerprint="")


def _sorted(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """By link id, so that two workers never lock rows in different orders."""
    return sorted(outcomes, key=lambda outcome: outcome.link_id)


def row_of(outcome: Outcome, now: datetime, moment: str, org_id: str) -> dict[str, Any]:
    """The columns of one outcome; one that is left out keeps what the link has.

    `moment` is `now` as this database writes it.
    """
    row = _ROWS[outcome.kind](outcome, moment, org_id)
    row["id"], row["version"] = outcome.link_id, outcome.version
    row.setdefault("synced", 0)
    if outcome.wait is not None:
        row["due_at"] = _moment(now + outcome.wait)
    return row


def _sent(outcome: Outcome, now: str, org_id: str) -> dict[str, Any]:
    return {
        "state": State.REPLICATED,
        "synced": int(not outcome.again),
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
    """The UPDATE for a database, fenced by the lease, by the Bulk job that the rows must be in
    (0: in none) and, with several workers, by the claim."""
    return _update(vendor, COLUMNS, ASSIGNMENTS, by_claim=by_claim)


def statement_of_accepted(vendor: str) -> str:
    """The same for rows of a Bulk job that were accepted, of which only key and lead are told."""
    told = {name: COLUMNS[name] for name in ("id", "lead_id")}
    known = partial(_known, ACCEPTED_IN_JOB)
    return _update(vendor, told, re.sub(r"v\.(\w+)", known, ASSIGNMENTS), by_claim=False)


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
