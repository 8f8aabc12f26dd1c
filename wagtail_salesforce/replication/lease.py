"""The right to replicate, held by one worker at a time (or by one per slot, with several).

Taking it is one conditional UPDATE, so it works on every database and behind a connection pool.
The token grows with every taker; outcomes are recorded only under the current one.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from wagtail_salesforce.contacts.collisions import despite_collisions, update_rows
from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication.models import LeadLink, Lease


#: Longer than any HTTP call may take, so that a stalled holder's last call is over when
#: another one takes the lease.
LEASE_TIME = timedelta(seconds=180)
RENEW_EVERY = timedelta(seconds=10)

#: How the names of the leases of workers begin.
SLOT = "replication-"


@dataclass
class HeldLease:
    """A lease in our hands."""

    name: str
    token: int
    renewed_at: datetime
    #: Set when a holder died not long ago: until then Salesforce may still carry out a call of
    #: its, over something newer of ours. What we send before is sent once more afterwards.
    #: Of what a worker had claimed, each row knows this by itself (`free_orphans`).
    doubtful_until: datetime | None = None
    #: Whether others hold leases as well.
    beside_others: bool = False
    #: Calls were made whose outcomes could not be recorded: whoever comes next must know.
    unsettled: bool = False

    def again_at(self, now: datetime) -> datetime | None:
        """When what is sent now has to be sent once more; mostly None."""
        doubtful = self.doubtful_until
        return doubtful if doubtful and now < doubtful else None

    @property
    def is_sure(self) -> bool:
        """Whether nobody can have taken it yet; by the clock alone, for all threads."""
        return timezone.now() < self.renewed_at + LEASE_TIME

    def renew(self) -> None:
        """Hold it on when it is time to. Raises LeaseLost when another has taken it.

        Beside other workers also when it has run out: they may have taken rows of ours by now.
        """
        now = timezone.now()
        if now - self.renewed_at < RENEW_EVERY:
            return
        if self.beside_others and not self.is_sure:
            raise LeaseLost
        if not update_rows(self._mine(), expires_at=now + LEASE_TIME):
            raise LeaseLost
        self.renewed_at = now

    def release(self) -> None:
        """Let the next one have it at once; it sees by the owner when not all is in order."""
        changes = {} if self.unsettled else {"owner": ""}
        update_rows(self._mine(), expires_at=timezone.now(), **changes)

    def check(self) -> None:
        """Raise LeaseLost when another has taken it."""
        if not self._mine().exists():
            raise LeaseLost

    def _mine(self) -> QuerySet[Lease]:
        return Lease.objects.filter(name=self.name, token=self.token)


def take_lease(slots: int = 1) -> HeldLease | None:
    """Take the first free slot; None when all are held by others."""
    free_orphans()
    names = (f"{SLOT}{slot}" for slot in range(slots))
    return next(filter(None, (_take(name, beside_others=slots > 1) for name in names)), None)


def _take(name: str, *, beside_others: bool) -> HeldLease | None:
    """One that was given back, whatever its time says: the clock may have been set back."""
    lease, _created = Lease.objects.get_or_create(name=name)
    now = timezone.now()
    if lease.owner or not _take_as_read(lease, now):
        return None
    return HeldLease(name, lease.token + 1, now, _doubtful_until(now), beside_others)


def _doubtful_until(now: datetime) -> datetime | None:
    doubtful = Lease.objects.filter(doubtful_until__gt=now).order_by("-doubtful_until")
    return doubtful.values_list("doubtful_until", flat=True).first()


def free_orphans() -> None:
    """The leases of workers that did not give them back are free again, and what they had claimed.

    A dead one is fenced off first. Calls it made may still be carried out for as long as its
    lease would have held. What is sent until then is sent once more afterwards, whoever sends it
    and in however many runs: of the rows it had claimed, or of all where it worked without claims.
    """
    now = timezone.now()
    for lease in Lease.objects.filter(name__startswith=SLOT).exclude(owner=""):
        if lease.expires_at > now and not is_dead(lease.owner):
            continue
        despite_collisions(partial(_free_orphan, lease, now))


def _free_orphan(lease: Lease, now: datetime) -> None:
    doubtful_until = lease.expires_at if lease.expires_at > now else None
    with transaction.atomic():
        if not _as_read(lease).update(token=F("token") + 1, owner="", expires_at=now):
            return
        if _free_claims(lease, doubtful_until):
            return
        _distrust_payloads()
        if doubtful_until:
            # Else there may still be doubt because of the holder before, which ends by itself.
            Lease.objects.filter(name=lease.name).update(doubtful_until=doubtful_until)


def _free_claims(lease: Lease, doubtful_until: datetime | None) -> int:
    """The payloads sent last were not recorded either; see `_distrust_payloads`."""
    claimed = LeadLink.objects.filter(claimed_by=f"{lease.name}:{lease.token}")
    return claimed.filter(due_at__isnull=False).update(
        claimed_by="", claimed_until=doubtful_until, fingerprint=""
    )


def _take_as_read(lease: Lease, now: datetime) -> int:
    changes = {"owner": identity(), "expires_at": now + LEASE_TIME}
    return _as_read(lease).update(token=F("token") + 1, **changes)


def _as_read(lease: Lease) -> QuerySet[Lease]:
    """This lease, unless it was taken or renewed since it was read."""
    unchanged = {"token": lease.token, "owner": lease.owner, "expires_at": lease.expires_at}
    return Lease.objects.filter(name=lease.name, **unchanged)


def _distrust_payloads() -> None:
    """The holder before us did not come to its end. What it sent last was never recorded, so that
    a lead may be other than the payload accepted last, even where that is the one to send now."""
    unrecorded = LeadLink.objects.filter(due_at__isnull=False).exclude(lead_id="")
    unrecorded.exclude(fingerprint="").update(fingerprint="")


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
    """When a process started, in clock ticks since boot; "gone" when there is none.

    One that has ended and that its parent has not asked for yet is gone too (states Z and X).
    """
    try:
        with open(f"/proc/{pid}/stat") as file:
            told = file.read().rpartition(")")[2].split()
    except OSError:
        return "gone"
    return "gone" if told[0] in ("Z", "X") else told[19]
