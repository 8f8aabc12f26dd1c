"""What is wrong at present, and what a run may come to meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from tests.connecting import connect_by_person
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.replication.lease import LEASE_TIME, identity
from wagtail_salesforce.replication.models import Lease
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.signals import before_batch


#: Faults, and how often they strike at most: a refused token must not be refused twice.
FAULTS = {
    "unavailable_html": 9,
    "server_unavailable": 9,
    "concurrent_limit": 5,
    "drop_before": 5,
    "drop_after": 5,
    "truncate": 5,
    "half_json": 5,
    "expire_session": 1,
    "malformed_400": 2,
    "total_limit": 1,
    "api_disabled": 1,
    "storage_limit": 1,
    "row_lock": 9,
}
#: What may end a run, by what is wrong.
REASONS: dict[str, set[str]] = {
    "fault": {
        "org_unavailable",
        "request_limit",
        "request_refused",
        "bulk_failed",
        "api_disabled",
        "storage_limit",
    },
    "allowance": {"api_reserve", "request_limit"},
    "revoked": {"not_authorized"},
    "field": {"mapping_broken"},
    "killed": {"internal_error"},
    "travelling": set(),
    "doubt": set(),
}
#: Nobody is suspended for what is wrong with the organization, but for a request that it cannot
#: read and that holds one row only.
SUSPENDING = {"fault"}
#: A field that is missed so soon after the fields were read would be the row's own fault.
READ_BEFORE = timedelta(minutes=3)
DAILY_CALLS = 15_000


@dataclass
class Troubles:
    """What is wrong: names of REASONS."""

    org: Any
    names: set[str] = field(default_factory=set)
    #: How many calls may go before the site knows what others have used.
    unknown_calls: int = 1

    def now(self) -> set[str]:
        """The names of all that is wrong."""
        return self.names | ({"fault"} if self.org.faults_armed() else set())

    def reasons(self, names: set[str]) -> set[str | None]:
        """What a run may end with."""
        return {None}.union(*(REASONS[name] for name in names))

    def arm(self, kind: str, count: int, path: str) -> None:
        """Let a fault strike so many times."""
        self.org.fault(kind, count=min(count, FAULTS[kind]), path=path)

    def lower_allowance(self, left: int) -> None:
        """Others use the calls, so that so many are left."""
        self.org.set_allowance(max=1000, used=1000 - left)
        self.names.add("allowance")
        self.unknown_calls = 2

    def revoke(self) -> None:
        """Somebody takes the authorization away."""
        self.org.revoke_tokens()
        self.names.add("revoked")

    def forbid_title(self, forbidden: bool = True) -> None:
        """The user may not write a mapped field any more, since some time after it was read last."""
        self.org.add_field("Lead", name="Title", createable=not forbidden, updateable=not forbidden)
        if forbidden:
            before = timezone.now() - READ_BEFORE
            young = DescribeSnapshot.objects.filter(fetched_at__gt=before)
            young.update(fetched_at=before)
            self.names.add("field")

    def leave_the_lease(self) -> None:
        """A killed worker gives nothing back. What it sent may still arrive: for as long as its
        lease holds, all that is sent will be sent once more."""
        leave_the_lease()
        self.names.add("doubt")

    def end(self) -> timedelta:
        """All is well again after this time."""
        self.org.clear_faults()
        self.org.set_allowance(max=DAILY_CALLS, used=0)
        if "revoked" in self.names:
            connect_by_person(self.org)
        if "field" in self.names:
            self.forbid_title(False)
        self.names.clear()
        return timedelta(hours=7)


@contextmanager
def reserve_kept(troubles: Troubles, percent: int) -> Iterator[None]:
    """The reserve is left alone, but for the calls that tell how many are left."""
    before = troubles.org.set_allowance()
    yield
    after = troubles.org.set_allowance()
    spent = after["used"] - before["used"]
    usable = after["max"] * (100 - percent) // 100
    over = min(spent, after["used"] - usable)
    assert over <= troubles.unknown_calls, (before, after, percent)
    if spent > 0:
        troubles.unknown_calls = 0


@contextmanager
def meanwhile(action: Any) -> Iterator[None]:
    """Do something once, just before the first batch leaves."""
    waiting = [action]

    def receiver(**kwargs: Any) -> None:
        if waiting:
            waiting.pop()()

    before_batch.connect(receiver)
    try:
        yield
    finally:
        before_batch.disconnect(receiver)


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """The worker dies just before it records for this time, counted from 0."""
    record, left = Recorder.record, [number]

    def dies(self: Recorder, outcomes: Any, sent_at: Any = None) -> None:
        if outcomes and not left[0]:
            raise SystemExit
        left[0] -= bool(outcomes)
        record(self, outcomes, sent_at)

    with mock.patch.object(Recorder, "record", dies):
        yield


def leave_the_lease() -> None:
    """A killed worker gives nothing back: the next one finds its lease."""
    owner = identity().rsplit("|", 1)[0] + "|0"
    Lease.objects.update(owner=owner, expires_at=timezone.now() + LEASE_TIME)
