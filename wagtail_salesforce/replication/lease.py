"""The right to replicate, held by one worker at a time (or by one per slot, with several).

Taking it is one conditional UPDATE, so it works on every database and behind a connection pool.
The token grows with every taker; outcomes are recorded only under the current one.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication.models import Lease


#: Longer than any HTTP call may take, so that a stalled holder's last call is over when
#: another one takes the lease.
LEASE_TIME = timedelta(seconds=180)
RENEW_EVERY = timedelta(seconds=10)


@dataclass
class HeldLease:
    """A lease in our hands."""

    name: str
    token: int
    renewed_at: datetime
    #: Set when the holder before us died: until then Salesforce may still carry out a call of
    #: its, over something newer of ours. What we send before is sent once more afterwards.
    doubtful_until: datetime | None = None

    def again_at(self, now: datetime) -> datetime | None:
        """When what is sent now has to be sent once more; mostly None."""
        doubtful = self.doubtful_until
        return doubtful if doubtful and now < doubtful else None

    def renew(self) -> None:
        """Hold it on when it is time to. Raises LeaseLost when another has taken it."""
        now = timezone.now()
        if now - self.renewed_at < RENEW_EVERY:
            return
        if not self._mine().update(expires_at=now + LEASE_TIME):
            raise LeaseLost
        self.renewed_at = now

    def release(self) -> None:
        """Let the next one have it at once."""
        self._mine().update(expires_at=timezone.now(), owner="")

    def check(self) -> None:
        """Raise LeaseLost when another has taken it."""
        if not self._mine().exists():
            raise LeaseLost

    def _mine(self) -> QuerySet[Lease]:
        return Lease.objects.filter(name=self.name, token=self.token)


def take_lease(slots: int = 1) -> HeldLease | None:
    """Take the first free slot; None when all are held by others."""
    for slot in range(slots):
        if held := _take(f"replication-{slot}"):
            return held
    return None


def _take(name: str) -> HeldLease | None:
    lease, _created = Lease.objects.get_or_create(name=name)
    now = timezone.now()
    orphaned = lease.expires_at > now and is_dead(lease.owner)
    free = Q(owner=lease.owner) if orphaned else Q(expires_at__lte=now)
    taken = Lease.objects.filter(free, name=name, token=lease.token).update(
        token=F("token") + 1, owner=identity(), expires_at=now + LEASE_TIME
    )
    doubtful_until = lease.expires_at if orphaned else None
    return HeldLease(name, lease.token + 1, now, doubtful_until) if taken else None


def identity() -> str:
    """Who this process is, so that another one on the same machine can tell when it is gone."""
    return f"{_machine()}|{os.getpid()}|{_started(os.getpid())}"[:200]


def is_dead(owner: str) -> bool:
    """Whether the owner surely no longer runs: it ran on this machine and its process is gone.

    A process of another machine or container is never called dead; its lease has to run out.
    """
    machine, _, process = owner.partition("|")
    if machine != _machine() or not process:
        return False
    pid, _, started = process.partition("|")
    return bool(started) and _started(int(pid)) != started


def _machine() -> str:
    try:
        namespace = os.readlink("/proc/self/ns/pid")
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()
    except OSError:
        return ""
    return f"{socket.gethostname()}|{boot}{namespace}".replace("|", "/")


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; "gone" when there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return "gone"
