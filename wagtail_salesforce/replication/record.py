"""Records the outcomes of a batch in one statement, whatever their kinds.

A row is recorded only while our lease (or our claim on the row) still holds, and only the version
that was read is marked as sent: a contact edited meanwhile stays due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import orjson
from django.db import connection
from django.utils import timezone

from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.claim import send_again
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.outcomes import Outcome
from wagtail_salesforce.replication.record_rows import (
    SENT,
    Row,
    accepted_row,
    all_accepted,
    as_moment,
    by_link,
    row_of,
    send_once_more,
)
from wagtail_salesforce.replication.record_sql import statement, statement_of_accepted


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

    def record(self, outcomes: Sequence[Outcome], sent_at: datetime | None = None) -> None:
        """Record up to 1,000 outcomes in one statement. Raises LeaseLost when fenced off.

        Whether they go once more is asked of the moment when they left, where that is known.
        """
        if not outcomes:
            return
        now = timezone.now()
        left = sent_at or now
        again_at = self._again_at(left)
        if again_at is None and not self.doubtful and all_accepted(outcomes):
            recorded = self._execute_accepted(
                [accepted_row(each) for each in by_link(outcomes)], now
            )
        else:
            recorded = self._execute_any(by_link(outcomes), now, left, again_at)
        if recorded < len(outcomes) and not self.job:
            self._mend(outcomes, now)
        if not recorded:
            self._explain()

    def record_in_job(self, accepted: Sequence[tuple[int, str]]) -> bool:
        """Record what is known of up to 1,000 rows of the job by their link ids and lead ids alone,
        in order.

        False, with nothing done, where what was sent has to go once more. Raises LeaseLost.
        """
        now = timezone.now()
        if self._again_at(now):
            return False
        rows = [{"id": link_id, "lead_id": lead_id} for link_id, lead_id in accepted]
        if rows and not self._execute_accepted(rows, now, in_job=True):
            self._explain()
        return True

    def _execute_accepted(self, rows: list[Row], now: datetime, *, in_job: bool = False) -> int:
        by_claim = bool(self.claimant) and not in_job
        sql = statement_of_accepted(connection.vendor, in_job=in_job, by_claim=by_claim)
        return self._execute(rows, sql, now=as_moment(now))

    def _execute_any(
        self, outcomes: list[Outcome], now: datetime, left: datetime, again_at: datetime | None
    ) -> int:
        moment = as_moment(now)
        rows = [row_of(outcome, now, moment, self.org_id) for outcome in outcomes]
        if again_at:
            send_once_more(rows, max(now, again_at))
        for row in rows if self.doubtful else ():
            if (until := self.doubtful.get(row["id"], left)) > left:
                row["doubtful"] = as_moment(until)
                send_once_more([row], max(now, until))
        return self._execute(rows, statement(connection.vendor, by_claim=bool(self.claimant)))

    def _mend(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """What was sent and may not be recorded has come late: another worker may have sent
        something newer before. It is sent once more."""
        sent = [each.link_id for each in outcomes if each.kind in SENT]
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

    def _execute(self, rows: list[Row], sql: str, **more: str) -> int:
        # What Salesforce has answered must not be forgotten because an editor was at these links.
        return despite_collisions(partial(self._execute_once, rows, sql, **more))

    def _execute_once(self, rows: list[Row], sql: str, **more: str) -> int:
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
