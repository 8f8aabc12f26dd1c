"""Deletes the leads of erased contacts, as a job: {"links": ids of their tombstones}.

A call that was under way when the contact was erased may still make the lead. So the job first
waits until whoever held a lease when it began has let go of it: from then on every run sees the
tombstones. A Bulk job that holds any of them has to be over as well. It then looks for leads by the external id too, for a call whose answer got lost.

What it did is forgotten by nobody: deleting a lead that is gone already is no error, so that a
step may be done twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.exceptions import Stopped, Transient
from wagtail_salesforce.jobs import Step, register, retry
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.replication.bulk_erased import any_under_way
from wagtail_salesforce.replication.erasing import DELETE_LEADS
from wagtail_salesforce.replication.lead_deletion import Found, delete_leads
from wagtail_salesforce.replication.models import LeadLink, Lease
from wagtail_salesforce.salesforce.collections import CHUNK_SIZE


#: How long to wait for a run, for an organization that does not answer, and for its allowance.
A_MOMENT = timedelta(seconds=30)
SOME_TIME = timedelta(minutes=10)
AN_HOUR = timedelta(hours=1)

#: Reasons that pass by themselves.
PASSING = {"api_reserve": AN_HOUR, "request_limit": AN_HOUR}

#: How often rows that somebody else holds are tried.
TRIES = 5


def register_jobs() -> None:
    """Make the job known; called when the app is ready."""
    register(
        DELETE_LEADS,
        work,
        label=_("Deleting leads in Salesforce"),
        permission="wagtail_salesforce.erase_contact",
        counts={
            "deleted": _("leads deleted"),
            "gone": _("without a lead"),
            "converted": _("not deleted, because they were converted"),
            "other_org": _("not deleted, because they are in another organization"),
            "refused": _("refused by Salesforce"),
        },
        cancelled=_note_cancelled,
        atomic=False,
    )


def _note_cancelled(job: Job) -> None:
    """Somebody stopped it: what is left is listed, so that it is not forgotten."""
    left = LeadLink.objects.filter(pk__in=job.parameters["links"], state=LeadLink.State.ERASED)
    left.filter(last_error_code="").exclude(lead_id="").update(last_error_code="CANCELLED")


def retry_failed() -> int:
    """Try failed jobs again, as the daily reconciliation does; how many."""
    failed = Job.objects.filter(kind=DELETE_LEADS, state=Job.State.FAILED)
    return sum(retry(job) for job in failed)


@dataclass
class Place:
    """Where the job is: who held a lease when it began, what is left, what goes again."""

    held: dict[str, int]
    left: list[int]
    again: list[int] = field(default_factory=list)
    tries: int = 1

    @classmethod
    def of(cls, job: Job, cursor: Any) -> Place:
        return cls(**cursor) if cursor else cls(_held_leases(), list(job.parameters["links"]))

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def work(job: Job, cursor: Any) -> Step:
    """One step: up to 200 leads, in two API calls. Outside of any transaction."""
    place = Place.of(job, cursor)
    if _under_way(place.held):
        return Step(place.as_json(), wait=A_MOMENT)
    try:
        if any_under_way(place.left[:CHUNK_SIZE]):
            return Step(place.as_json(), wait=A_MOMENT)
        found = delete_leads(place.left[:CHUNK_SIZE])
    except Transient:
        return Step(place.as_json(), wait=SOME_TIME)
    except Stopped as error:
        if error.code not in PASSING:
            raise
        return Step(place.as_json(), wait=PASSING[error.code])
    return _advance(place, found)


def _advance(place: Place, found: Found) -> Step:
    """What is left after these, with another round for the rows that were locked."""
    handled = place.left[:CHUNK_SIZE]
    place.left = place.left[CHUNK_SIZE:]
    if place.tries < TRIES:
        place.again += found.locked
    else:
        found.put_down(found.locked, "UNABLE_TO_LOCK_ROW", "refused")
        found.locked = []
    _record(found)
    done = len(handled) - len(found.locked)
    if place.left or not place.again:
        return Step(place.as_json(), done, found.counts(), finished=not place.left)
    place.left, place.again, place.tries = place.again, [], place.tries + 1
    return Step(place.as_json(), done, found.counts(), wait=A_MOMENT)


def _record(found: Found) -> None:
    """A tombstone whose lead is gone forgets it; the others say why theirs is still there."""
    for (code, _count), ids in found.settled.items():
        links = LeadLink.objects.filter(pk__in=ids, state=LeadLink.State.ERASED)
        if code:
            links.update(last_error_code=code[:100])
        else:
            # What a Bulk job tells of them later is of no interest any more.
            gone = {"lead_id": "", "surviving_lead_id": "", "org_id": "", "job": None}
            links.update(last_error_code="", **gone)


def _held_leases() -> dict[str, int]:
    """The leases that somebody holds now: name -> token, which grows with every taker."""
    leases = Lease.objects.filter(expires_at__gt=timezone.now()).exclude(owner="")
    return dict(leases.values_list("name", "token"))


def _under_way(held: dict[str, int]) -> bool:
    """Whether one of those who held these leases still holds it."""
    now = _held_leases() if held else {}
    return any(now.get(name) == token for name, token in held.items())
