"""Due marks: who has something to tell Salesforce. Mark generously, check when claiming.

Every function here is set-based: a handful of statements however many contacts are concerned.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.changes import Changes
from wagtail_salesforce.contacts.collisions import despite_collisions, update_rows
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import OPEN, OUT
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, new_external_id


State = LeadLink.State
CHUNK = 1000
POINTS_CHUNK = 5000

#: What state a link returns to when it is neither suspended nor excluded any more.
RETURNING = Case(When(lead_id="", then=Value(State.NEW)), default=Value(State.REPLICATED))


def mark_due(changes: Changes) -> None:
    """Mark the contacts of these changes; a suspended one comes back, as it may be mended now.

    Anonymous visitors are not marked: they are once a form gives them a name.
    """
    ids = sorted(pk for pk, change in changes.items() if not change.anonymous)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        fresh = [pk for pk in chunk if changes[pk].created]
        known = [pk for pk in chunk if not changes[pk].created]
        _mint(fresh + _touch(known))


def _touch(contact_ids: list[int]) -> list[int]:
    """Mark links that exist; the contacts that turn out to have none are returned."""
    if not contact_ids:
        return []
    links = LeadLink.objects.filter(contact_id__in=bulk.among(contact_ids, "bigint"))
    found = update_rows(links, **_changed())
    if found in (0, len(contact_ids)):
        return contact_ids if found == 0 else []
    return sorted(set(contact_ids) - set(links.values_list("contact_id", flat=True)))


def _changed() -> dict[str, Any]:
    """The columns of a link whose contact has changed. An excluded one is not due, but knows."""
    return {
        "version": F("version") + 1,
        "due_at": Case(
            When(state__in=[State.EXCLUDED, State.ERASED], then=None),
            default=Value(timezone.now()),
            output_field=DateTimeField(),
        ),
        "attempts": Case(
            When(state=State.SUSPENDED, then=0),
            default=F("attempts"),
            output_field=IntegerField(),
        ),
        "suspended_at": None,
        "state": Case(When(state=State.SUSPENDED, then=RETURNING), default=F("state")),
    }


def _mint(contact_ids: Sequence[int]) -> None:
    """Make links for contacts that have none. The rows are due from birth."""
    if contact_ids:
        rows = [{"contact_id": pk, "external_id": new_external_id()} for pk in contact_ids]
        despite_collisions(partial(bulk.insert, LeadLink, rows, ignore_conflicts=True))


def mint_missing() -> int:
    """Find contacts that have no link (made by direct SQL, say) and mark them; how many.

    Anonymous visitors have none until somebody asks for one.
    """
    found = 0
    named = Contact.objects.exclude(email="", first_name="", last_name="")
    lonely = named.filter(lead_link=None).order_by("pk").values_list("pk", flat=True)
    while chunk := list(lonely[:CHUNK]):
        _mint(chunk)
        found += len(chunk)
    return found


def mark_for_points(contact_ids: Sequence[int]) -> None:
    """Points changed: contacts without a lead may be eligible now. A lead does not ask for points.

    The version grows, so that a run that has read the old points does not take the mark off.
    """
    for start in range(0, len(contact_ids), POINTS_CHUNK):
        chunk = bulk.among(contact_ids[start : start + POINTS_CHUNK], "bigint")
        update_rows(LeadLink.objects.filter(contact_id__in=chunk, state=State.NEW), **_marked())


def mark_all() -> None:
    """The settings changed: contacts without a lead may be eligible now, and edits that were
    not to be sent may have to go."""
    update_rows(_unheld().filter(state=State.NEW), **_marked())
    mark_unsent()


def mark_unsent() -> int:
    """Find leads whose contact has changed since, but which nobody has marked as due."""
    unsent = _unheld().filter(state=State.REPLICATED, version__gt=F("synced_version"), due_at=None)
    return update_rows(unsent, **_marked())


def _marked() -> dict[str, Any]:
    return {"version": F("version") + 1, "due_at": timezone.now()}


def resend_all() -> int:
    """Everything is mapped again; what differs from what Salesforce accepted last is sent."""
    return _resend(_unheld())


def replicated() -> QuerySet[LeadLink]:
    """The links of contacts that have a lead which may be written, or get one from a Bulk job."""
    in_job = Q(state=State.NEW, job__isnull=False)
    return _unheld().filter(Q(state=State.REPLICATED) | in_job)


def resend_replicated() -> int:
    """Contacts that have a lead are mapped again; how many. The others wait to be sent anyway."""
    return update_rows(replicated(), **_marked())


def resend_one(contact_id: int) -> int:
    """The same for one contact."""
    return _resend(_unheld().filter(contact_id=contact_id))


def look_again(contact_ids: Collection[int]) -> int:
    """What your code decides about these contacts has changed: the next run asks it again; how
    many it will look at. Suspended and excluded ones stay as they are."""
    found = 0
    ids = sorted(contact_ids)
    for start in range(0, len(ids), POINTS_CHUNK):
        chunk = bulk.among(ids[start : start + POINTS_CHUNK], "bigint")
        found += _resend(LeadLink.objects.filter(contact_id__in=chunk))
    return found


def _resend(links: QuerySet[LeadLink]) -> int:
    live = links.filter(state__in=[State.NEW, State.REPLICATED])
    return update_rows(live, version=F("version") + 1, due_at=timezone.now())


def _unheld() -> QuerySet[LeadLink]:
    return LeadLink.objects.filter(contact__isnull=False)


def revive_suspended() -> int:
    """The mapping was saved: all suspended links are tried again."""
    return retry(LeadLink.objects.all())


def retry(links: QuerySet[LeadLink]) -> int:
    """Try suspended or waiting links again now; how many there were."""
    waiting = links.filter(Q(state=State.SUSPENDED) | Q(due_at__gt=timezone.now()))
    return update_rows(waiting.filter(contact__isnull=False), **_as_new())


#: Excluded for a reason that says nothing of the lead: it goes on with the one it has.
KEEPS_ITS_LEAD = (LeadLink.Excluded.BY_HAND, LeadLink.Excluded.BY_SITE)


def exclude(links: QuerySet[LeadLink]) -> int:
    """Hold contacts back until an editor lifts it; how many."""
    live = links.exclude(state__in=[State.EXCLUDED, State.ERASED])
    # The version grows so that a batch under way does not put back the due mark.
    return update_rows(
        live,
        state=State.EXCLUDED,
        excluded_reason=LeadLink.Excluded.BY_HAND,
        version=F("version") + 1,
        due_at=None,
    )


def include(links: QuerySet[LeadLink]) -> int:
    """Lift an exclusion, whatever its reason; how many.

    Where the lead is gone or is no lead any more, a new one is made for the contact: it gets a
    new external id, since a converted lead still answers to the old one.
    """
    excluded = links.filter(state=State.EXCLUDED, contact__isnull=False)
    kept = excluded.filter(excluded_reason__in=KEEPS_ITS_LEAD)
    lifted = update_rows(kept, **_as_new())
    return lifted + sum(_start_anew(link) for link in excluded.iterator())


def _start_anew(link: LeadLink) -> int:
    fresh = {"external_id": new_external_id(), "lead_id": "", "surviving_lead_id": ""}
    links = LeadLink.objects.filter(pk=link.pk, state=State.EXCLUDED)
    return update_rows(links, **fresh, **{**_as_new(), "state": State.NEW})


def _as_new() -> dict[str, Any]:
    return {
        "state": RETURNING,
        "excluded_reason": "",
        "version": F("version") + 1,
        "due_at": timezone.now(),
        "attempts": 0,
        "suspended_at": None,
        "fingerprint": "",
    }


def require(links: QuerySet[LeadLink]) -> int:
    """Ask for contacts whatever their score; how many are marked. Exclusion still holds."""
    live = links.filter(state__in=[State.NEW, State.REPLICATED, State.SUSPENDED])
    return update_rows(live.filter(contact__isnull=False), required=True, **_as_new())


def start_over(org_id: str) -> int:
    """Forget the leads of a former organization: every contact is new to this one; how many.

    Contacts that an editor excluded by hand stay excluded. What Bulk jobs of the former one come to
    is of no interest any more.
    """
    return despite_collisions(partial(_start_over, org_id))


def _start_over(org_id: str) -> int:
    nothing = {"lead_id": "", "surviving_lead_id": "", "synced_version": 0, "fingerprint": ""}
    live = LeadLink.objects.exclude(state=State.ERASED)
    jobs = BulkJob.objects.filter(state__in=OPEN)
    by_hand = Q(state=State.EXCLUDED, excluded_reason=LeadLink.Excluded.BY_HAND)
    with transaction.atomic():
        ReplicationSettings.objects.update(org_id=org_id)
        jobs.update(state=BulkJob.State.DROPPED, ended_at=timezone.now())
        LeadLink.objects.filter(job__isnull=False).update(**OUT)
        live.filter(by_hand).update(org_id="", **nothing)
        renewed = {**_as_new(), "state": State.NEW, **nothing, "org_id": ""}
        return live.exclude(by_hand).filter(contact__isnull=False).update(**renewed)
