"""Outcomes as the rows that the recording statement takes: only what changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection

from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.outcomes import Kind, Outcome


State = LeadLink.State
Row = dict[str, Any]

SENT = (Kind.CREATED, Kind.UPDATED)


def by_link(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """By link id, so that two workers never lock rows in different orders."""
    return sorted(outcomes, key=attrgetter("link_id"))


def all_accepted(outcomes: Sequence[Outcome]) -> bool:
    """Whether Salesforce has taken all of these, and wholly."""
    return all(each.kind in SENT and not each.again and each.wait is None for each in outcomes)


def accepted_row(outcome: Outcome) -> Row:
    """What is to be told of an outcome where all were accepted."""
    return {
        "id": outcome.link_id,
        "version": outcome.version,
        "lead_id": outcome.lead_id,
        "fingerprint": outcome.fingerprint,
    }


def send_once_more(rows: Iterable[Row], when: datetime) -> None:
    """Let what was sent now be due again, whether or not it changes."""
    for row in rows:
        if "replicated_at" in row:
            row.update(synced=0, due_at=as_moment(when), fingerprint="")


def row_of(outcome: Outcome, now: datetime, moment: str, org_id: str) -> Row:
    """The columns of one outcome; one that is left out keeps what the link has.

    `moment` is `now` as this database writes it.
    """
    row = _ROWS[outcome.kind](outcome, moment, org_id)
    row["id"], row["version"] = outcome.link_id, outcome.version
    row.setdefault("synced", 0)
    if outcome.wait is not None:
        row["due_at"] = as_moment(now + outcome.wait)
    return row


def _sent(outcome: Outcome, now: str, org_id: str) -> Row:
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


def _unchanged(outcome: Outcome, now: str, org_id: str) -> Row:
    return {"synced": 1, "code": "", "message": ""}


def _suspended(outcome: Outcome, now: str, org_id: str) -> Row:
    return {"state": State.SUSPENDED, "suspended_at": now, **_failure(outcome)}


def _excluded(outcome: Outcome, now: str, org_id: str) -> Row:
    return {
        "state": State.EXCLUDED,
        "excluded_reason": outcome.excluded_reason,
        "surviving": outcome.surviving_lead_id,
        **_failure(outcome),
    }


def _failure(outcome: Outcome) -> Row:
    return {
        "attempts": outcome.attempts,
        "code": outcome.code[:100],
        "message": outcome.message[:1000],
    }


def _released(outcome: Outcome, now: str, org_id: str) -> Row:
    return {}


def _postponed(outcome: Outcome, now: str, org_id: str) -> Row:
    return _failure(outcome)


def _renewed(outcome: Outcome, now: str, org_id: str) -> Row:
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


def as_moment(when: datetime) -> str:
    """A point in time as this database writes it."""
    return str(connection.ops.adapt_datetimefield_value(when))
