"""Jobs in the database: who works on them, taking over, and putting their rows back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.collisions import update_rows
from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import LeadLink, Lease


State = BulkJob.State
OPEN = (State.MAKING, State.CLOSED)

#: How many rows are put back in one statement, so that nobody waits long for it.
CHUNK = 5000
#: How finely is kept where the links of a job are.
STRIDE = 10_000
#: After a job that came to little, rows go by Composite for so long.
PAUSE = timedelta(days=1)
#: So many jobs whose upload broke off are no accident: something on the way does not let them by.
BROKEN = 2


def holder_of(lease: HeldLease) -> str:
    """How a job names the lease that works on it."""
    return f"{lease.name}:{lease.token}"


def open_jobs(org_id: str) -> QuerySet[BulkJob]:
    """The jobs of an org that have not ended for us, the oldest first."""
    return BulkJob.objects.filter(org_id=org_id, state__in=OPEN).order_by("pk")


def any_free(org_id: str, contact_id: int | None = None) -> bool:
    """Whether there is a job that nobody works on; see `take_free`."""
    return any(_free(org_id, contact_id))


def _free(org_id: str, contact_id: int | None) -> list[BulkJob]:
    found = open_jobs(org_id)
    if contact_id is not None:
        of_contact = LeadLink.objects.filter(contact_id=contact_id, job__isnull=False)
        found = found.filter(state=State.MAKING, pk__in=of_contact.values("job"))
    jobs = list(found)
    alive = _alive() if jobs else set()
    return [job for job in jobs if job.holder not in alive]


def _alive() -> set[str]:
    leases = Lease.objects.filter(expires_at__gt=timezone.now()).exclude(owner="")
    return {f"{name}:{token}" for name, token in leases.values_list("name", "token")}


def has_live_holder(job: BulkJob) -> bool:
    """Whether somebody works on the job now."""
    return job.holder in _alive()


def take_free(lease: HeldLease, org_id: str, contact_id: int | None = None) -> list[BulkJob]:
    """Take over the jobs that nobody works on; each goes to one worker.

    Of one contact's only the job that nobody saw closed: what Salesforce works on takes its time.
    """
    taken = []
    for job in _free(org_id, contact_id):
        same = BulkJob.objects.filter(pk=job.pk, holder=job.holder, state__in=OPEN)
        if job.holder != holder_of(lease) and same.update(holder=holder_of(lease)):
            job.holder = holder_of(lease)
            taken.append(job)
    return taken


def store(job: BulkJob, lease: HeldLease, **changes: Any) -> None:
    """Change a job that is ours. Raises LeaseLost when another worker has it, or it is over."""
    ours = BulkJob.objects.filter(pk=job.pk, holder=holder_of(lease), state__in=OPEN)
    if not ours.update(**changes):
        raise LeaseLost
    for name, value in changes.items():
        setattr(job, name, value)


def end(job: BulkJob, lease: HeldLease, state: State, error: str = "") -> int:
    """Put back the rows that are still in the job, and close it; how many they were.

    They are due as before. Sent twice at worst, they change nothing: a lead we know is updated by
    its id, a new one is found by its external id.
    """
    left = put_back(job, lease)
    changes = {"left": left, "ended_at": timezone.now(), "error": error[:1000]}
    store(job, lease, state=state, next_poll_at=None, **changes)
    return left


def widen(job: BulkJob, lease: HeldLease, link_ids: Collection[int]) -> None:
    """Make known that these links may be in the job, before they are marked. Raises LeaseLost."""
    first, last = min(link_ids), max(link_ids)
    if job.first_link <= first and last <= job.last_link:
        return
    # Wider than need be, so that this is not done for each window.
    first, last = first // STRIDE * STRIDE, (last // STRIDE + 1) * STRIDE
    if job.last_link:
        first, last = min(first, job.first_link), max(last, job.last_link)
    store(job, lease, first_link=first, last_link=last)


def inside(job: BulkJob) -> QuerySet[LeadLink]:
    """The links that are in the job; found by their keys, as no index has the job."""
    return LeadLink.objects.filter(job=job.pk, pk__range=(job.first_link, job.last_link))


def put_back(job: BulkJob, lease: HeldLease) -> int:
    """Let the rows that are still in the job go another way; how many they were."""
    put, last, links = 0, 0, inside(job)
    rest = links.order_by("pk").values_list("pk", flat=True)
    while ids := list(rest.filter(pk__gt=last)[:CHUNK]):
        # Some may have been written all the same: what was accepted last is no longer sure.
        back = links.filter(pk__in=bulk.among(ids, "bigint"))
        put += update_rows(back, **OUT, fingerprint="")
        last = ids[-1]
        lease.renew()
    return put


#: The columns of a link that is in no job.
OUT: dict[str, Any] = {"job": None, "job_fingerprint": "", "job_shortened": ""}


def free_forgotten() -> int:
    """Put back rows of jobs that are over; how many. None are there, unless a worker that was
    overtaken got in between two statements of another one. Done daily."""
    over = LeadLink.objects.filter(job__isnull=False).exclude(
        job__in=BulkJob.objects.filter(state__in=OPEN).values("pk")
    )
    return update_rows(over, **OUT, fingerprint="")


def came_to_little(org_id: str) -> bool:
    """Whether a job of the last day failed, or left most of its rows to be sent otherwise; whether
    several broke off before they were closed; or whether one cannot be looked at now."""
    jobs = BulkJob.objects.filter(org_id=org_id)
    recent = jobs.filter(ended_at__gt=timezone.now() - PAUSE)
    mostly_left = Q(state=State.DONE, left__gt=F("rows") / 2)
    # One whose worker died, or that an outage broke off, has no error and says nothing of Bulk.
    broken = recent.filter(state=State.DROPPED).exclude(error="")
    return (
        recent.filter(Q(state=State.FAILED) | mostly_left).exists()
        or jobs.filter(state__in=OPEN).exclude(error="").exists()
        or broken.count() >= BROKEN
    )
